using System.Text;
using Instancer.Actors;
using Instancer.Gateway.Tokens;

namespace Instancer.Gateway.Tests.Tokens;

public sealed class TokensFileEditorTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-tokens-");

    private string FilePath => Path.Combine(_directory.FullName, "deep", "tokens");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void A_new_file_is_for_its_owner_only()
    {
        Assert.True(TokensFileEditor.TryAdd(FilePath, "ann", TokenHash.Random()));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }
    }

    [Fact]
    public void What_is_not_concerned_stays_byte_for_byte()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        byte[] before = [.. "# Zoë\nnonsense \n\nbob sha256:"u8, .. Encoding.ASCII.GetBytes(TokenHash.Random().ToString()), 0xFF, (byte)'\n'];
        File.WriteAllBytes(FilePath, before);
        var hash = TokenHash.Random();
        Assert.True(TokensFileEditor.TryAdd(FilePath, "ann", hash));
        byte[] after = [.. before, .. Encoding.ASCII.GetBytes($"ann sha256:{hash}\n")];
        Assert.Equal(after, File.ReadAllBytes(FilePath));
        Assert.True(TokensFileEditor.TryRemove(FilePath, "ann"));
        Assert.Equal(before, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void A_name_has_one_token_at_a_time()
    {
        Assert.True(TokensFileEditor.TryAdd(FilePath, "ann", TokenHash.Random()));
        Assert.False(TokensFileEditor.TryAdd(FilePath, "ann", TokenHash.Random()));
        Assert.True(TokensFileEditor.TryRemove(FilePath, "ann"));
        Assert.False(TokensFileEditor.TryRemove(FilePath, "ann"));
        Assert.True(TokensFileEditor.TryAdd(FilePath, "ann", TokenHash.Random()));
    }

    [Fact]
    public void A_token_made_here_is_128_printable_bytes_and_never_the_same()
    {
        var (first, second) = (TokenText.New(), TokenText.New());
        Assert.Equal(128, first.Length);
        Assert.All(first, b => Assert.InRange(b, (byte)'!', (byte)'~'));
        Assert.NotEqual(first, second);
    }

    [Theory]
    [InlineData(128, "", true)]
    [InlineData(128, "\n", true)]
    [InlineData(128, "\r\n", true)]
    [InlineData(128, "x", false)]
    [InlineData(127, "", false)]
    [InlineData(127, "\n", true)]
    public void A_token_file_holds_128_bytes_and_a_line_end_at_most(int length, string end, bool isToken)
    {
        var contents = Encoding.ASCII.GetBytes(new string('t', length) + end);
        Assert.Equal(isToken, TokenText.Read(contents) is { Length: 128 });
    }
}
