using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gateway.Tokens;

namespace Instancer.Gateway.Tests.Tokens;

public sealed class TokenSetTests
{
    private static readonly byte[] Token = Encoding.ASCII.GetBytes(new string('t', Preamble.TokenLength));

    private static string Hash => TokenHash.Of(Token).ToString();

    private static string Raw => Encoding.ASCII.GetString(Token);

    [Fact]
    public void A_raw_token_and_its_hash_mean_the_same()
    {
        foreach (var line in new[] { $"ann raw:{Raw}", $"ann sha256:{Hash}", $"  ann\tsha256:{Hash.ToUpperInvariant()} \r" })
        {
            Assert.Equal(new Client("ann", TokenHash.Of(Token)), Parse(line, []).Find(Token));
        }
    }

    [Fact]
    public void Another_token_is_nobody_s()
    {
        var set = Parse($"ann raw:{Raw}", []);
        var other = (byte[])Token.Clone();
        other[^1] ^= 1;
        Assert.Null(set.Find(other));
        Assert.Null(set.Find(Token.AsSpan(1)));
        Assert.Null(set.Find([]));
        Assert.Null(TokenSet.Empty.Find(Token));
    }

    [Theory]
    [InlineData("ann", "not of the form NAME sha256:HEX or NAME raw:TOKEN")]
    [InlineData("ann md5:x", "after the name there is neither sha256: nor raw:")]
    [InlineData("ann sha256:12", "what follows sha256: is not 64 hexadecimal digits")]
    [InlineData("ann raw:SECRET", "what follows raw: is not 128 ASCII bytes but 6")]
    [InlineData("änn raw:SECRET", "the name is not 1 to 64 printable ASCII characters")]
    [InlineData("ann raw:SECRÄT", "what follows raw: is not 128 ASCII bytes but 7, some of them not ASCII")]
    public void A_bad_line_is_reported_by_its_number_and_shows_nothing_of_itself(string line, string problem)
    {
        List<(int, string)> bad = [];
        var set = Parse($"# comment\n\nbob raw:{Raw}\n{line}\n", bad);
        Assert.Equal([(4, problem)], bad);
        Assert.DoesNotContain("SECR", problem, StringComparison.Ordinal);
        Assert.Equal("bob", set.Find(Token)?.Name);
    }

    [Fact]
    public void A_token_listed_twice_stays_with_the_first()
    {
        List<(int, string)> bad = [];
        Assert.Equal("ann", Parse($"ann raw:{Raw}\nbob sha256:{Hash}", bad).Find(Token)?.Name);
        Assert.Equal([(2, "the token is that of ann already, who keeps it")], bad);
    }

    [Fact]
    public void A_name_may_have_several_tokens()
    {
        var second = TokenText.New();
        var set = Parse($"ann raw:{Raw}\nann raw:{Encoding.ASCII.GetString(second)}", []);
        Assert.Equal(("ann", "ann"), (set.Find(Token)?.Name, set.Find(second)?.Name));
    }

    private static TokenSet Parse(string text, List<(int, string)> bad) =>
        TokenSet.Parse(Encoding.UTF8.GetBytes(text), (line, problem) => bad.Add((line, problem)));
}
