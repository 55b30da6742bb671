using System.Buffers.Text;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
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
    [InlineData("not base64url at its end")]
    public void A_refused_token_takes_as_long_as_an_accepted_one(string what) => AssertAlike(HmacKey.New(1), what);

    [Theory]
    [InlineData("wrong signature")]
    [InlineData("signature out of range")]
    [InlineData("random")]
    public void So_it_does_with_a_public_key(string what) => AssertAlike(EcdsaKey.New(1), what);

    [Fact]
    public void The_comparison_would_see_a_signature_that_is_not_checked()
    {
        var key = HmacKey.New(1);
        var keys = KeyText.Keys(key);
        var token = KeyText.Token(key);
        Assert.Contains(
            Enumerable.Range(0, 5), _ => TimeTwins.Compare(set => set.Find(token, "pwn", KeyText.Now), [keys], [SigningKeys.None]).TellsApart);
    }

    [Fact]
    public void The_comparison_would_see_a_tenth_more() => Assert.Contains(Enumerable.Range(0, 5), _ => TimeTwins.Compare(Hash, [10], [11]).TellsApart);

    private static void Hash(int times)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < times; i++)
        {
            SHA256.HashData(hash, hash);
        }
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
            case "not base64url at its end":
                return [.. KeyText.Token(key, $"client-{i}", challenges: "pwn")[..^1], (byte)'!'];
            default:
                return [.. Enumerable.Repeat((byte)'!', 128)];
        }

        return Base64Url.EncodeToUtf8(bytes);
    }

    private void AssertAlike(SigningKey key, string what)
    {
        var keys = KeyText.Keys(key);
        var pairs = Enumerable.Range(0, Tokens).Select(i => (Accepted: KeyText.Token(key, $"client-{i}", challenges: "pwn"), Refused: Refused(key, what, i))).ToList();
        Assert.True(pairs.TrueForAll(pair => Find(pair.Accepted) is not null && Find(pair.Refused) is null));
        var difference = TimeTwins.Compare(token => Find(token), [.. pairs.Select(pair => pair.Accepted)], [.. pairs.Select(pair => pair.Refused)]);
        output.WriteLine($"{what}: {difference}");
        Assert.False(difference.TellsApart, $"{what}: {difference}");

        Client? Find(byte[] token) => keys.Find(token, "pwn", KeyText.Now);
    }
}
