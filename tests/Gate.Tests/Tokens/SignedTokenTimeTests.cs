using System.Buffers.Text;
using System.Security.Cryptography;
using Instancer.Gate.Tokens;
using Instancer.TestKit;
using Xunit.Abstractions;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>Time does not tell whether a signed token is accepted, nor why not.</summary>
public sealed class SignedTokenTimeTests(ITestOutputHelper output)
{
    private const int Tokens = 500;

    [Theory]
    [InlineData("wrong signature")]
    [InlineData("ended")]
    [InlineData("other challenge")]
    [InlineData("unknown key")]
    [InlineData("random")]
    [InlineData("not base64url")]
    public void A_refused_token_takes_as_long_as_an_accepted_one(string what) => AssertAlike(HmacKey.New(1), what, 20_000);

    [Theory]
    [InlineData("wrong signature")]
    [InlineData("signature out of range")]
    [InlineData("random")]
    public void So_it_does_with_a_public_key(string what) => AssertAlike(EcdsaKey.New(1), what, 20_000);

    [Fact]
    public void The_comparison_would_see_a_signature_that_is_not_checked()
    {
        var key = HmacKey.New(1);
        var keys = KeyText.Keys(key);
        var token = KeyText.Token(key);
        var difference = TimeTwins.Compare(
            _ => Check(keys, token, true), _ => Check(SigningKeys.None, token, false));
        Assert.True(difference.TellsApart, $"{difference}");
    }

    private static byte[] Refused(SigningKey key, string what, int i)
    {
        var bytes = Base64Url.DecodeFromUtf8(KeyText.Token(key, $"client-{i}", challenges: "pwn"));
        switch (what)
        {
            case "wrong signature":
                bytes[^1] ^= 1;
                break;
            case "signature out of range":
                bytes.AsSpan(key.ClaimsLength).Clear();
                break;
            case "ended":
                return KeyText.Token(key, $"client-{i}", KeyText.Now, "pwn");
            case "other challenge":
                return KeyText.Token(key, $"client-{i}", challenges: "web");
            case "unknown key":
                return KeyText.Token(KeyText.New(key.Kind, 2), $"client-{i}", challenges: "pwn");
            case "random":
                bytes = RandomNumberGenerator.GetBytes(bytes.Length);
                break;
            default:
                return [.. Enumerable.Repeat((byte)'!', 128)];
        }

        return Base64Url.EncodeToUtf8(bytes);
    }

    private static void Check(SigningKeys keys, byte[] token, bool isAccepted)
    {
        if (keys.Find(token, "pwn", KeyText.Now) is not null != isAccepted)
        {
            throw new InvalidOperationException("The wrong tokens are accepted.");
        }
    }

    private void AssertAlike(SigningKey key, string what, int tries)
    {
        var keys = KeyText.Keys(key);
        byte[][] accepted = [.. Enumerable.Range(0, Tokens).Select(i => KeyText.Token(key, $"client-{i}", challenges: "pwn"))];
        byte[][] refused = [.. Enumerable.Range(0, Tokens).Select(i => Refused(key, what, i))];
        var difference = TimeTwins.Compare(i => Check(keys, accepted[i % Tokens], true), i => Check(keys, refused[i % Tokens], false), tries);
        output.WriteLine($"{what}: {difference}");
        Assert.False(difference.TellsApart, $"{what}: {difference}");
    }
}
