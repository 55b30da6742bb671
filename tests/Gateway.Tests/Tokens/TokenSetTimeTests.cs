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
        Assert.True(_accepted.All(token => set.Find(token) is not null) && _refused.All(token => set.Find(token) is null));
        var difference = TimeTwins.Compare(token => set.Find(token), _accepted, _refused);
        output.WriteLine($"{difference}");
        Assert.False(difference.TellsApart, $"{difference}");
    }

    private TokenSet Set() => TokenSet.Parse(
        Encoding.ASCII.GetBytes(string.Concat(_accepted.Select((token, i) => $"client-{i} sha256:{TokenHash.Of(token)}\n"))), (_, problem) => Assert.Fail(problem));
}
