using System.Text;
using Instancer.Gate.Tokens;
using Instancer.Gateway.Commands;

namespace Instancer.Gateway.Tests.Commands;

/// <summary>Keys are made and tokens signed at the command line, and what it makes is accepted.</summary>
public sealed class SigningCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-signing-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task A_key_is_made_and_signs_a_token()
    {
        Assert.Equal((0, "", "Key 1 is in keys.\n"), await RunAsync("token", "key", "new", "--key-file", "keys"));
        var signed = await RunAsync("token", "sign", "ann", "--key-file", "keys", "--challenges", "pwn,web", "--expires", "2040-01-31");
        Assert.Equal((0, "ann's token is signed with key 1 and accepted until 2040-01-31 00:00:00Z, for pwn,web.\n"), (signed.ExitCode, signed.Error));
        var token = Encoding.ASCII.GetBytes(signed.Output.TrimEnd('\n'));
        var end = new DateTimeOffset(2040, 1, 31, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal("ann", Find("keys", token, "pwn", end.AddSeconds(-1)));
        Assert.Null(Find("keys", token, "pwn", end));
        Assert.Null(Find("keys", token, "rev", end.AddSeconds(-1)));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(In("keys")));
        }
    }

    [Fact]
    public async Task A_further_key_signs_from_then_on_and_the_earlier_one_still_counts()
    {
        await RunAsync("token", "key", "new", "--key-file", "keys");
        var first = await RunAsync("token", "sign", "ann", "--key-file", "keys");
        Assert.Equal((0, "", "Key 2 is in keys, its public part in public.\n"), await RunAsync("token", "key", "new", "--key-file", "keys", "--kind", "ecdsa-p256", "--public-out", "public"));
        Assert.Equal((0, "", 0), Shape(await RunAsync("token", "sign", "bob", "--key-file", "keys", "--expires", "48:00:00", "--raw-out", "bob")));
        var now = TimeProvider.System.GetUtcNow();
        var second = await File.ReadAllBytesAsync(In("bob"));
        Assert.Equal("ann", Find("keys", Encoding.ASCII.GetBytes(first.Output.TrimEnd('\n')), "pwn", now));
        Assert.Equal("bob", Find("keys", second, "pwn", now));
        Assert.Equal("bob", Find("public", second, "any", now));
        Assert.Null(Find("public", second, "any", now.AddHours(48)));
        Assert.Equal((1, "", "instancer: public has no key that can sign\n"), await RunAsync("token", "sign", "ann", "--key-file", "public"));
    }

    [Theory]
    [InlineData(2, "token sign", "instancer: Option '--key-file' is required.")]
    [InlineData(2, "token sign #x --key-file keys", "instancer: \"#x\" is not a client's name; allowed: 1 to 64 printable ASCII characters, no space, no # in front\n")]
    [InlineData(2, "token sign ann --key-file keys --challenges a,,b", "instancer: --challenges: \"\" is not a challenge's name; allowed: 1 to 32 of a-z, 0-9 and '-'\n")]
    [InlineData(2, "token sign ann --key-file keys --expires 2020-01-31", "instancer: --expires: allowed: a duration such as 48:00:00, or a date to come such as 2030-01-31 or 2030-01-31T18:00:00Z\n")]
    [InlineData(2, "token sign ann --key-file keys --expires soon", "instancer: --expires: allowed: ")]
    [InlineData(2, "token key new --key-file new --public-out p", "instancer: a key of hmac-sha256 has no public part; --public-out goes with --kind ecdsa-p256\n")]
    [InlineData(2, "token key new --key-file new --kind rsa", "instancer: Argument 'rsa' not recognized. Must be one of:")]
    [InlineData(1, "token sign ann --key-file none", "instancer: Could not find file ")]
    [InlineData(1, "token sign ann --key-file bad", "instancer: bad: line 1: behind the number there is no key; allowed: ")]
    [InlineData(1, "token key new --key-file bad", "instancer: bad: line 1: behind the number there is no key; allowed: ")]
    [InlineData(1, "token sign ann --key-file keys --expires 2107-01-01", "instancer: the end is not between the years 1970 and 2106\n")]
    public async Task What_is_wrong_is_a_line(int exitCode, string words, string error)
    {
        await File.WriteAllTextAsync(In("keys"), HmacKey.New(1).ToLine(isPublic: false));
        await File.WriteAllTextAsync(In("bad"), "1 hmac-sha256 SECRET\n");
        var result = await RunAsync(words.Split(' '));
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        Assert.DoesNotContain("SECRET", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "2030-01-31T00:00:00Z")]
    [InlineData("00:00:01", "2030-01-01T00:00:01Z")]
    [InlineData("2030-01-02", "2030-01-02T00:00:00Z")]
    [InlineData("2030-01-02T18:30:00Z", "2030-01-02T18:30:00Z")]
    [InlineData("2030-01-01", null)]
    [InlineData("2030-1-2", null)]
    [InlineData("", null)]
    public void An_end_is_a_duration_or_a_date_to_come(string? text, string? end) => Assert.Equal(
        end is null ? null : DateTimeOffset.Parse(end, null),
        ExpiryText.Read(text, TimeSpan.FromDays(30), new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    private static (int ExitCode, string Output, int Secrets) Shape((int ExitCode, string Output, string Error) result) =>
        (result.ExitCode, result.Output, result.Error.Split(' ').Count(word => word.Length >= 128));

    private string In(string file) => Path.Combine(_directory.FullName, file);

    private string? Find(string keyFile, byte[] token, string challenge, DateTimeOffset now) =>
        SigningKeys.Parse(File.ReadAllBytes(In(keyFile))).Keys!.Find(token, challenge, now)?.Name;

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] words) => InstancerProcess.RunAsync(_directory.FullName, words);
}
