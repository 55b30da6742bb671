using System.Text;
using Instancer.Actors;
using Instancer.Gateway.Tokens;
using Instancer.TestKit;
using Xunit.Abstractions;

namespace Instancer.Gateway.Tests.Tokens;

/// <summary>Time does not tell whether the tokens file has a token.</summary>
public sealed class TokenSetTimeTests(ITestOutputHelper output)
{
    private const int Tokens = 5_000;

    private readonly byte[][] _accepted = [.. Enumerable.Range(0, Tokens).Select(_ => TokenText.New())];
    private readonly byte[][] _refused = [.. Enumerable.Range(0, Tokens).Select(_ => TokenText.New())];

    [Fact]
    public void An_accepted_token_takes_as_long_as_a_refused_one()
    {
        var set = Set();
        var difference = TimeTwins.Compare(i => Check(set, _accepted[i % Tokens], true), i => Check(set, _refused[i % Tokens], false));
        output.WriteLine($"{difference}");
        Assert.False(difference.TellsApart, $"{difference}");
    }

    [Fact]
    public void The_comparison_would_see_a_hash_that_is_not_computed()
    {
        var set = Set();
        var difference = TimeTwins.Compare(
            i => Check(set, _accepted[i % Tokens], true), i => Assert.NotEqual(0, _refused[i % Tokens][0]));
        Assert.True(difference.TellsApart, $"{difference}");
    }

    private static void Check(TokenSet set, byte[] token, bool isAccepted)
    {
        if (set.Find(token) is not null != isAccepted)
        {
            throw new InvalidOperationException("The wrong tokens are accepted.");
        }
    }

    private TokenSet Set() => TokenSet.Parse(
        Encoding.ASCII.GetBytes(string.Concat(_accepted.Select((token, i) => $"client-{i} sha256:{TokenHash.Of(token)}\n"))), (_, problem) => Assert.Fail(problem));
}
