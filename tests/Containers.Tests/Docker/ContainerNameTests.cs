using System.Text;
using System.Text.RegularExpressions;
using Instancer.Actors;
using Instancer.Containers.Docker;

namespace Instancer.Containers.Tests.Docker;

public sealed partial class ContainerNameTests
{
    private static readonly TokenHash Token = TokenHash.Of("token"u8);

    [Fact]
    public void A_name_says_node_challenge_token_and_identifier()
    {
        Assert.Equal(
            $"instancer-node-1-pwn-{Token}-65535",
            ContainerName.Of("node-1", new InstanceKey("pwn", Token, 65535)));
    }

    [Fact]
    public void A_name_tells_its_key_and_nothing_else_does()
    {
        var key = new InstanceKey("pwn-1", Token, 7);
        var name = ContainerName.Of("n-1", key);
        Assert.True(ContainerName.TryParse("n-1", "pwn-1", "/" + name, out var parsed));
        Assert.Equal(key, parsed);
        string?[] others =
        [
            null, "", "somebody", name + "0x", name + "-1", name.ToUpperInvariant(), name[..^1], $"{name[..^1]}07", $"{name[..^1]}65536", name.Replace("n-1", "n", StringComparison.Ordinal),
        ];
        Assert.All(others, other => Assert.False(ContainerName.TryParse("n-1", "pwn-1", other, out _)));
    }

    [Theory]
    [InlineData("db")]
    [InlineData("1")]
    [InlineData("-7")]
    [InlineData("cache-1")]
    public void A_companions_name_is_legal_and_no_keys(string member)
    {
        var name = ContainerName.OfCompanion("n-1", new InstanceKey("pwn-1", Token, 7), member);
        Assert.Matches(Legal(), name);
        Assert.False(ContainerName.TryParse("n-1", "pwn-1", name, out _));
    }

    [Theory]
    [InlineData("web app")]
    [InlineData("a/b")]
    [InlineData("über")]
    [InlineData("_")]
    [InlineData("\u0000")]
    [InlineData("日本")]
    public void Whatever_the_challenge_is_called_the_name_is_legal(string challenge) =>
        Assert.Matches(Legal(), ContainerName.Of("n", new InstanceKey(challenge, Token, 0)));

    [Fact]
    public void No_two_keys_have_the_same_name()
    {
        string[] challenges = ["a", "A", "a_", "a_5f", "a b", "a_20b", "a-1", "a-", "ä", "a/", "a."];
        TokenHash[] tokens = [Token, TokenHash.Of("other"u8)];
        ushort[] identifiers = [0, 1, 10, 11];
        var names = from challenge in challenges
                    from token in tokens
                    from identifier in identifiers
                    select ContainerName.Of("n", new InstanceKey(challenge, token, identifier));
        Assert.Equal(challenges.Length * tokens.Length * identifiers.Length, names.Distinct().Count());
    }

    [Fact]
    public void Escaping_can_be_undone_and_so_loses_nothing()
    {
        var random = new Random(1);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = new byte[random.Next(1, 12)];
            random.NextBytes(bytes);
            var text = Encoding.Latin1.GetString(bytes);
            Assert.Equal(text, Unescape(ContainerName.Escape(text)));
        }
    }

    // The engine's own rule for names.
    [GeneratedRegex("^[a-zA-Z0-9][a-zA-Z0-9_.-]+$")]
    private static partial Regex Legal();

    private static string Unescape(string text)
    {
        var bytes = new List<byte>();
        for (var i = 0; i < text.Length; i++)
        {
            bytes.Add(text[i] == '_' ? Convert.FromHexString(text.AsSpan(i + 1, 2))[0] : (byte)text[i]);
            i += text[i] == '_' ? 2 : 0;
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
