using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gateway.Tokens;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Tokens;

/// <summary>The tokens file as a running node sees it: a real file, looked at every second.</summary>
public sealed class TokensFileTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-tokens-");
    private readonly RecordingLogger<TokensFile> _log = new();
    private readonly byte[] _ann = TokenText.New();
    private readonly byte[] _bob = TokenText.New();
    private TokensFile? _file;

    private string FilePath => Path.Combine(_directory.FullName, "tokens");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_file is not null)
        {
            await _file.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_line_that_is_added_counts()
    {
        await WriteAsync(Line("ann", _ann));
        Open();
        Assert.Equal("ann", NameOf(_ann));
        await File.AppendAllTextAsync(FilePath, Line("bob", _bob));
        await Eventually.TrueAsync(() => NameOf(_bob) == "bob", "bob is accepted");
        Assert.Equal("ann", NameOf(_ann));
    }

    [Fact]
    public async Task A_file_replaced_by_a_rename_counts_and_what_it_no_longer_has_does_not()
    {
        await WriteAsync(Line("ann", _ann));
        Open();
        var next = FilePath + ".next";
        await File.WriteAllTextAsync(next, Line("bob", _bob));
        File.Move(next, FilePath, overwrite: true);
        await Eventually.TrueAsync(() => NameOf(_bob) == "bob" && NameOf(_ann) is null, "bob is accepted in ann's place");
    }

    [Fact]
    public async Task A_replacement_of_the_same_length_and_time_counts()
    {
        await WriteAsync(Line("ann", _ann));
        Open();
        var time = File.GetLastWriteTimeUtc(FilePath);
        await File.WriteAllTextAsync(FilePath, Line("bob", _bob));
        File.SetLastWriteTimeUtc(FilePath, time);
        await Eventually.TrueAsync(() => NameOf(_bob) == "bob", "bob is accepted");
    }

    [Fact]
    public async Task A_file_that_is_missing_is_reported_once_and_counts_when_it_appears()
    {
        Open();
        Assert.Equal($"The tokens file {FilePath} cannot be used: there is no such file. Accepting the 0 tokens known before; looking again every second.", Assert.Single(_log.Lines));

        // As a whole: a file that is caught while it is written is one with no tokens, for a moment.
        var whole = FilePath + ".next";
        await File.WriteAllTextAsync(whole, Line("ann", _ann));
        File.Move(whole, FilePath);
        await Eventually.TrueAsync(() => NameOf(_ann) == "ann" && _log.Lines.Count > 1, "ann is accepted, and that is logged");
        Assert.Equal($"Accepting 1 tokens from {FilePath}.", Assert.Single(_log.Lines.Skip(1)));
    }

    [Fact]
    public async Task A_file_that_goes_leaves_the_latest_tokens_accepted()
    {
        await WriteAsync(Line("ann", _ann));
        Open();
        File.Delete(FilePath);
        await Eventually.TrueAsync(() => _log.Lines.Any(line => line.Contains("Accepting the 1 tokens known before", StringComparison.Ordinal)), "the loss is logged");
        Assert.Equal("ann", NameOf(_ann));
    }

    [Fact]
    public async Task What_cannot_be_read_is_reported_and_counts_when_it_can()
    {
        Directory.CreateDirectory(FilePath);
        Open();
        Assert.Contains("cannot be used", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Directory.Delete(FilePath);
        await WriteAsync(Line("ann", _ann));
        await Eventually.TrueAsync(() => NameOf(_ann) == "ann", "ann is accepted");
    }

    [Fact]
    public async Task A_bad_line_is_logged_with_its_number_and_never_with_the_token()
    {
        var secret = Encoding.ASCII.GetString(_bob)[..127];
        await WriteAsync(Line("ann", _ann) + $"bob raw:{secret}\n");
        Open();
        Assert.Equal("ann", NameOf(_ann));
        Assert.Contains($"{FilePath}:2: what follows raw: is not 128 ASCII bytes but 127; the line is passed over.", _log.Lines);
        Assert.DoesNotContain(_log.Lines, line => line.Contains(secret[..16], StringComparison.Ordinal));
    }

    private static string Line(string name, byte[] token) => $"{name} sha256:{TokenHash.Of(token)}\n";

    private Task WriteAsync(string text) => File.WriteAllTextAsync(FilePath, text);

    private void Open() => _file = TokensFile.Open(FilePath, TimeProvider.System, _log);

    private string? NameOf(byte[] token)
    {
        var asked = _file!.AuthenticateAsync(new AuthenticationRequest("c", "192.0.2.1:1", token), default).AsTask();
        Assert.True(asked.IsCompletedSuccessfully);
        return asked.GetAwaiter().GetResult().Client?.Name;
    }
}
