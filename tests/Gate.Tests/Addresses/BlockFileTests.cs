using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Addresses;
using Instancer.TestKit;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tests.Addresses;

/// <summary>A file of blocks as a gate sees it: a real file, looked at every second of the virtual time.</summary>
public sealed class BlockFileTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-blocks-");
    private readonly RecordingLogger _log = new();
    private readonly VirtualTime _time = new();
    private BlockFile? _file;

    private string FilePath => Path.Combine(_directory.FullName, "blocks");

    public void Dispose()
    {
        _file?.Dispose();
        _log.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Blocks_addresses_comments_and_empty_lines_are_read()
    {
        Open(BlockFileUse.Deny, "# scanners\n\n10.0.0.0/8\r\n \t192.0.2.1 # one of them\n2001:db8::/32");
        Assert.Equal(3, _file!.Blocks.Count);
        Assert.True(Has("10.1.2.3") && Has("192.0.2.1") && Has("2001:db8::1") && Has("::ffff:10.0.0.1"));
        Assert.False(Has("192.0.2.2"));
        Assert.Equal($"{FilePath}: 3 blocks are denied.", Assert.Single(_log.Lines).Text);
    }

    [Fact]
    public void A_change_counts_a_second_later()
    {
        Open(BlockFileUse.Deny, "10.0.0.0/8\n");
        File.WriteAllText(FilePath, "10.0.0.0/8\n192.0.2.1\n");
        Assert.False(Has("192.0.2.1"));
        Second();
        Assert.True(Has("192.0.2.1"));
    }

    [Fact]
    public void A_file_replaced_by_a_rename_counts_and_what_it_no_longer_has_does_not()
    {
        Open(BlockFileUse.Allow, "10.0.0.0/8\n");
        File.WriteAllText(FilePath + ".next", "192.0.2.1\n");
        File.Move(FilePath + ".next", FilePath, overwrite: true);
        Second();
        Assert.True(Has("192.0.2.1") && !Has("10.0.0.1"));
    }

    [Fact]
    public void A_bad_file_leaves_the_old_set_and_is_one_line_that_says_where_and_what()
    {
        Open(BlockFileUse.Deny, "10.0.0.0/8\n");
        File.WriteAllText(FilePath, "192.0.2.1\n10.0.0.1/8\nnonsense\n");
        Second();
        Second();
        Assert.True(Has("10.0.0.1") && !Has("192.0.2.1"));
        var line = Assert.Single(_log.Of(6101));
        Assert.Equal(
            $"{FilePath}:2: bits are set beyond the prefix; the block is 10.0.0.0/8. The file is not taken: the 1 blocks known before stay denied.", line.Text);
        Assert.Equal(LogLevel.Warning, line.Level);
        File.WriteAllText(FilePath, "192.0.2.1\n");
        Second();
        Assert.True(Has("192.0.2.1") && !Has("10.0.0.1"));
    }

    [Theory]
    [InlineData((int)BlockFileUse.Allow, "nobody is let in by it")]
    [InlineData((int)BlockFileUse.Deny, "nobody is denied by it")]
    public void A_file_that_is_missing_at_the_start_says_loudly_what_that_means_and_counts_when_it_appears(int use, string meaning)
    {
        Open((BlockFileUse)use, contents: null);
        Second();
        var line = Assert.Single(_log.Lines);
        Assert.Equal($"The file {FilePath} cannot be used: there is no such file; {meaning}. Looking again every second.", line.Text);
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Equal(0, _file!.Blocks.Count);
        File.WriteAllText(FilePath, "10.0.0.0/8\n");
        Second();
        Assert.True(Has("10.0.0.1"));
    }

    [Fact]
    public void A_file_that_is_bad_at_the_start_is_as_one_that_is_missing()
    {
        Open(BlockFileUse.Allow, "nonsense\n");
        var line = Assert.Single(_log.Of(6101));
        Assert.EndsWith("The file is not taken: nobody is let in by it.", line.Text, StringComparison.Ordinal);
        Assert.Equal((LogLevel.Error, 0), (line.Level, _file!.Blocks.Count));
    }

    [Fact]
    public void A_file_that_goes_leaves_the_old_set_and_counts_when_it_is_back()
    {
        Open(BlockFileUse.Allow, "10.0.0.0/8\n");
        File.Delete(FilePath);
        Second();
        Second();
        Assert.True(Has("10.0.0.1"));
        Assert.Contains("the 1 blocks known before stay allowed", Assert.Single(_log.Of(6102)).Text, StringComparison.Ordinal);
        File.WriteAllText(FilePath, "192.0.2.1\n");
        Second();
        Assert.True(Has("192.0.2.1") && !Has("10.0.0.1"));
    }

    [Fact]
    public void No_contents_whatever_throw() => Prop.ForAll(
        Gen.OneOf(ArbMap.Default.GeneratorFor<byte[]>(), Gen.ArrayOf(Gen.Elements([.. "0123456789abcdef.:/#\n\r %"u8]))).ToArbitrary(), contents =>
        {
            var (blocks, line, error) = BlockFileText.Parse(contents);
            return blocks is null ? line > 0 && error is not null : line == 0 && error is null;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void What_is_written_is_read() => Prop.ForAll(Gen.ArrayOf(Generated.Blocks).ToArbitrary(), blocks =>
    {
        var (read, _, error) = BlockFileText.Parse(Encoding.ASCII.GetBytes(string.Join('\n', blocks)));
        return error is null && read!.Count == blocks.Length
            && blocks.SelectMany(block => (UInt128[])[block.First, block.Last]).All(number => read.Contains(number) == blocks.Any(block => block.Contains(number)));
    }).QuickCheckThrowOnFailure();

    private void Open(BlockFileUse use, string? contents)
    {
        if (contents is not null)
        {
            File.WriteAllText(FilePath, contents);
        }

        _file = BlockFile.Open(FilePath, use, _time, _log);
    }

    private void Second() => _time.Advance(TimeSpan.FromSeconds(1));

    private bool Has(string address) => _file!.Blocks.Contains(IPAddress.Parse(address));
}
