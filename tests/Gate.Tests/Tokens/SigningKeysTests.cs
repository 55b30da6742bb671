using System.Security.Cryptography;
using System.Text;
using Instancer.Actors.Connections;
using Instancer.Gate.Tokens;
using Instancer.TestKit;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>The key file: what may be in it, and how a running node keeps up with it.</summary>
public sealed class SigningKeysTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-keys-");
    private readonly RecordingLogger _log = new();
    private readonly HmacKey _first = HmacKey.New(1);
    private readonly HmacKey _second = HmacKey.New(2);
    private SignedTokens? _tokens;

    private string FilePath => Path.Combine(_directory.FullName, "keys");

    public Task InitializeAsync()
    {
        foreach (var key in new[] { _first, _second })
        {
            _log.Hide(key.ToLine(isPublic: false).Split(' ')[^1]);
        }

        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        if (_tokens is not null)
        {
            await _tokens.DisposeAsync();
        }

        _directory.Delete(recursive: true);
        _log.Dispose();
    }

    [Theory]
    [InlineData("x", "line 2: it does not begin with the key's number, 0 to 65535")]
    [InlineData("65536 hmac-sha256 SECRET", "line 2: it does not begin with the key's number, 0 to 65535")]
    [InlineData("9", "line 2: behind the number there is no key; allowed: hmac-sha256 KEY, ecdsa-p256 private KEY, ecdsa-p256 public KEY")]
    [InlineData("9 hmac-sha256 SECRET", "line 2: behind the number there is no key; allowed: hmac-sha256 KEY, ecdsa-p256 private KEY, ecdsa-p256 public KEY")]
    [InlineData("9 hmac-sha256 !!!!!!!!", "line 2: behind the number there is no key; allowed: hmac-sha256 KEY, ecdsa-p256 private KEY, ecdsa-p256 public KEY")]
    [InlineData("9 ecdsa-p256 private SECRETSECRET", "line 2: behind the number there is no key; allowed: hmac-sha256 KEY, ecdsa-p256 private KEY, ecdsa-p256 public KEY")]
    [InlineData("9 ecdsa-p256 public", "line 2: behind the number there is no key; allowed: hmac-sha256 KEY, ecdsa-p256 private KEY, ecdsa-p256 public KEY")]
    [InlineData("1 hmac-sha256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "line 2: its number is that of another key")]
    public void A_bad_line_is_named_by_its_number_and_shows_nothing_of_itself(string line, string problem)
    {
        var (keys, error) = SigningKeys.Parse(Encoding.UTF8.GetBytes($"{_first.ToLine(isPublic: false)}\n{line}\n"));
        Assert.Null(keys);
        Assert.Equal(problem, error);
    }

    [Fact]
    public void A_key_of_another_curve_is_none()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var text = System.Buffers.Text.Base64Url.EncodeToString(key.ExportSubjectPublicKeyInfo());
        Assert.NotNull(SigningKeys.Parse(Encoding.UTF8.GetBytes($"1 ecdsa-p256 public {text}")).Error);
    }

    [Fact]
    public void A_key_whose_curve_has_no_name_is_none()
    {
        using var named = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(named.ExportExplicitParameters(includePrivateParameters: true));
        var text = System.Buffers.Text.Base64Url.EncodeToString(key.ExportPkcs8PrivateKey());
        Assert.NotNull(SigningKeys.Parse(Encoding.UTF8.GetBytes($"1 ecdsa-p256 private {text}")).Error);
    }

    [Fact]
    public void The_last_key_that_can_sign_does()
    {
        var keys = KeyText.Keys("# keys", "", _first.ToLine(isPublic: false), _second.ToLine(isPublic: false), EcdsaKey.New(9).ToLine(isPublic: true));
        Assert.Equal(((ushort)2, (ushort)10), (keys.Signer!.Id, keys.NextId!.Value));
        Assert.Equal((ushort)1, SigningKeys.None.NextId!.Value);
    }

    [Fact]
    public async Task A_new_key_counts_and_one_that_is_gone_does_not()
    {
        Write(_first);
        Open();
        Assert.Equal(("ann", null), (NameOf(_first), NameOf(_second)));
        Write(_first, _second);
        await Eventually.TrueAsync(() => NameOf(_first) == "ann" && NameOf(_second) == "ann", "both keys count");
        Write(_second);
        await Eventually.TrueAsync(() => NameOf(_first) is null && NameOf(_second) == "ann", "the second key counts alone");
    }

    [Fact]
    public async Task A_file_that_went_bad_leaves_the_keys_and_is_reported_once()
    {
        Write(_first);
        Open();
        Replace($"{_first.ToLine(isPublic: false)}\nnonsense\n", UnixFileMode.UserRead);
        await Eventually.TrueAsync(() => _log.Of(6201).Count > 0, "the bad file is logged");
        Assert.Equal("ann", NameOf(_first));
        File.Delete(FilePath);
        await Eventually.TrueAsync(() => _log.Of(6201).Count > 1, "the missing file is logged");
        Assert.Equal("ann", NameOf(_first));
        Assert.Equal(
            [
                $"{FilePath} cannot be used: line 2: it does not begin with the key's number, 0 to 65535. What was read before stays; looking again every second.",
                $"{FilePath} cannot be used: there is no such file. What was read before stays; looking again every second.",
            ],
            _log.Of(6201).Select(line => line.Text));
    }

    [Fact]
    public async Task A_file_that_is_open_to_others_is_not_read()
    {
        Replace(_first.ToLine(isPublic: false), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Open();
        Assert.Contains("it is open to others (mode 404)", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.Null(NameOf(_first));
        Write(_first);
        await Eventually.TrueAsync(() => NameOf(_first) == "ann", "the file is read");
    }

    [Fact]
    public void Neither_keys_nor_tokens_are_in_a_text()
    {
        Write(_first);
        Open();
        var secret = _first.ToLine(isPublic: false).Split(' ')[^1];
        var token = KeyText.Token(_first);
        var request = new AuthenticationRequest("pwn", "192.0.2.1:1", token);
        string?[] texts =
        [
            $"{_first}", $"{EcdsaKey.New(1)}", $"{KeyText.Keys(_first)}", $"{_tokens}", $"{request}", $"{KeyText.Keys(_first).Find(token, "pwn", KeyText.Now)}",
            .. _log.Lines.Select(line => line.Text),
        ];
        Assert.All(texts, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain(Encoding.ASCII.GetString(token)[..16], text, StringComparison.Ordinal));
        Assert.NotEmpty(_log.Lines);
    }

    private void Write(params SigningKey[] keys) =>
        Replace(string.Join('\n', keys.Select(key => key.ToLine(isPublic: false))), UnixFileMode.UserRead | UnixFileMode.UserWrite);

    private void Replace(string text, UnixFileMode mode)
    {
        var next = $"{FilePath}.next";
        File.WriteAllText(next, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(next, mode);
        }

        File.Move(next, FilePath, overwrite: true);
    }

    private void Open() => _tokens = new SignedTokens(FilePath, TimeProvider.System, new Logger<SignedTokens>(_log));

    private string? NameOf(SigningKey key)
    {
        var asked = _tokens!.AuthenticateAsync(
            new AuthenticationRequest("c", "192.0.2.1:1", KeyText.Token(key, end: TimeProvider.System.GetUtcNow().AddHours(1))), default).AsTask();
        Assert.True(asked.IsCompletedSuccessfully);
        return asked.GetAwaiter().GetResult().Client?.Name;
    }
}
