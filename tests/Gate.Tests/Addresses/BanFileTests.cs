using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.TestKit;

namespace Instancer.Gate.Tests.Addresses;

/// <summary>The file of the bans by hand.</summary>
public sealed class BanFileTests : IDisposable
{
    private static readonly IPAddress Ann = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Bob = IPAddress.Parse("192.0.2.2");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-bans-");
    private readonly RecordingLogger _log = new();
    private readonly VirtualTime _time = new();
    private readonly BanOptions _options = new() { Failures = 1 };
    private readonly BanList _bans;

    public BanFileTests() => _bans = Open();

    private string FilePath => Path.Combine(_directory.FullName, "state", "bans.json");

    public void Dispose()
    {
        _log.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Bans_by_hand_outlast_the_node_and_those_by_themselves_do_not()
    {
        _bans.NoteFailure(Bob);
        _bans.Add(Block("192.0.2.1"), TimeSpan.FromHours(1), "it \"scans\"\u2026");
        _bans.Add(Block("198.51.100.0/24"), TimeSpan.FromMinutes(1), null);
        _bans.Add(Block("2001:db8::/32"), null, null);
        var before = _bans.List().Where(ban => ban.Cause == BanCause.Hand).ToList();
        Assert.Equal(before, Open().List());
        Assert.True(_bans.Remove(Block("2001:db8::/32")));
        _time.Advance(TimeSpan.FromMinutes(1));
        var after = Open();
        Assert.Equal(before[..1], after.List());
        Assert.True(after.IsBanned(Ann));
        Assert.False(after.IsBanned(Bob));
        Assert.Empty(Directory.EnumerateFiles(Path.GetDirectoryName(FilePath)!, "*.tmp"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("""[{"block":null,"since":"2030-01-01T00:00:00+00:00","until":null,"reason":null}]""")]
    [InlineData("""[{"block":"nonsense","since":"2030-01-01T00:00:00+00:00","until":null,"reason":null}]""")]
    public void A_file_that_cannot_be_read_is_put_aside_and_said(string contents)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, contents);
        var bans = Open();
        Assert.Empty(bans.List());
        Assert.StartsWith($"The bans in {FilePath} cannot be read: ", Assert.Single(_log.Of(6111)).Text, StringComparison.Ordinal);
        bans.Add(Block("192.0.2.1"), null, null);
        Assert.Equal(contents, File.ReadAllText(FilePath + ".bad"));
        Assert.Single(Open().List());
    }

    [Fact]
    public void A_ban_that_cannot_be_written_down_does_not_count_and_one_that_cannot_be_erased_stays()
    {
        _bans.Add(Block("192.0.2.2"), null, null);
        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);
        Assert.ThrowsAny<Exception>(() => _bans.Add(Block("192.0.2.1"), null, null));
        Assert.ThrowsAny<Exception>(() => _bans.Remove(Block("192.0.2.2")));
        Assert.False(_bans.IsBanned(Ann));
        Assert.True(_bans.IsBanned(Bob));
    }

    [Fact]
    public void Past_ten_thousand_bans_by_hand_there_are_no_more_until_one_is_removed()
    {
        var records = Enumerable.Range(0, HandBans.Most).Select(i => new HandBanRecord($"10.0.{i >> 8}.{i & 255}", _time.GetUtcNow(), null, null));
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        File.WriteAllText(FilePath, System.Text.Json.JsonSerializer.Serialize([.. records], BansJson.Default.IReadOnlyListHandBanRecord));
        var bans = Open();
        Assert.Null(bans.Add(Block("192.0.2.1"), null, null));
        Assert.NotNull(bans.Add(Block("10.0.0.1"), null, "once more"));
        Assert.True(bans.Remove(Block("10.0.0.2")));
        Assert.NotNull(bans.Add(Block("192.0.2.1"), null, null));
    }

    private static AddressBlock Block(string text) => AddressBlock.Parse(text).Block!.Value;

    private BanList Open() => BanList.Open(FilePath, () => _options, _time, _log);
}
