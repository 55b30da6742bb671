using Instancer.Gateway.Net.Tls;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class TlsNamesTests
{
    [Theory]
    [InlineData("web.example.org", "web")]
    [InlineData("WEB.Example.ORG", "web")]
    [InlineData("pwn.example.org", "any")]
    [InlineData("a.pwn.example.org", null)]
    [InlineData("example.org", null)]
    [InlineData(".example.org", null)]
    [InlineData("bücher.example", "books")]
    [InlineData("BÜCHER.example", "books")]
    [InlineData("xn--bcher-kva.example", "books")]
    [InlineData("", null)]
    [InlineData("web.example.org.", null)]
    [InlineData("*.example.org", null)]
    [InlineData("\u0000", null)]
    public void A_name_finds_its_challenge(string name, string? challenge) => Assert.Equal(challenge, Create(defaultChallenge: null).Find(name));

    [Fact]
    public void What_nobody_has_is_the_defaults()
    {
        var names = Create(defaultChallenge: "any");
        Assert.Equal("any", names.Find(""));
        Assert.Equal("any", names.Find("other"));
        Assert.Equal("web", names.Find("web.example.org"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*.")]
    [InlineData("*")]
    [InlineData("a.*.org")]
    [InlineData("http://example.org")]
    [InlineData("example.org:443")]
    [InlineData("example org")]
    public void What_is_no_name_is_refused(string name)
    {
        Assert.False(TlsNames.TryCreate([(name, "web")], null, out _, out var problem));
        Assert.StartsWith($"'{name}' is no host name", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_two_challenges_is_refused()
    {
        Assert.False(TlsNames.TryCreate([("a.example", "web"), ("A.example", "pwn")], null, out _, out var problem));
        Assert.Equal("'A.example' is the name of two challenges: web and pwn", problem);
    }

    private static TlsNames Create(string? defaultChallenge)
    {
        Assert.True(TlsNames.TryCreate([("web.example.org", "web"), ("*.Example.org", "any"), ("Bücher.example", "books")], defaultChallenge, out var names, out _));
        return names;
    }
}
