using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gate.Tokens;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>Who is asked, in which order, and who wins.</summary>
public sealed class AuthenticatorChainTests
{
    private readonly List<string> _asked = [];

    [Fact]
    public async Task The_first_local_one_that_accepts_wins_and_all_local_ones_are_asked()
    {
        Assert.Equal("b", await AskAsync([One("a", false), One("b", true), One("c", true)], [One("r", true)]));
        Assert.Equal(["a", "b", "c"], _asked);
    }

    [Fact]
    public async Task Remote_ones_are_asked_about_what_is_not_accepted_until_one_accepts()
    {
        Assert.Equal("s", await AskAsync([One("a", false)], [One("r", false), One("s", true), One("t", true)]));
        Assert.Equal(["a", "r", "s"], _asked);
    }

    [Fact]
    public async Task What_nobody_accepts_is_not_accepted()
    {
        Assert.Null(await AskAsync([One("a", false)], [One("r", false)]));
        Assert.Null(await AskAsync([One("a", false)], []));
        Assert.Null(await AskAsync([], []));
    }

    [Fact]
    public async Task Who_is_asked_may_change()
    {
        var current = new Authenticators([One("a", true)], []);
        var chain = new AuthenticatorChain(() => current);
        Assert.Equal("a", (await chain.AuthenticateAsync(new AuthenticationRequest("pwn", "", new byte[128]), default)).Client?.Name);
        current = new Authenticators([One("b", true)], []);
        Assert.Equal("b", (await chain.AuthenticateAsync(new AuthenticationRequest("pwn", "", new byte[128]), default)).Client?.Name);
    }

    [Fact]
    public void The_answer_of_local_ones_is_there_at_once() => Assert.True(AskAsync([One("a", false)], []).IsCompletedSuccessfully);

    private static async Task<string?> AskAsync(IReadOnlyList<IAuthenticator> local, IReadOnlyList<IAuthenticator> remote) =>
        (await new AuthenticatorChain(() => new Authenticators(local, remote)).AuthenticateAsync(new AuthenticationRequest("pwn", "", new byte[128]), default)).Client?.Name;

    private Scripted One(string name, bool accepts) => new(name, accepts, _asked);

    private sealed class Scripted(string name, bool accepts, List<string> asked) : IAuthenticator
    {
        public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
        {
            asked.Add(name);
            return new(accepts ? new Client(name, TokenHash.Of(request.Token.Span)) : null);
        }
    }
}
