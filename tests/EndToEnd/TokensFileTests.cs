using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>The tokens file of a node that runs.</summary>
public sealed class TokensFileTests : NodeTest
{
    public TokensFileTests(ITestOutputHelper output)
        : base(output) => Home.Serve("pwn", Challenges.Backend(), ports: 10);

    [Fact]
    public async Task Missing_then_there()
    {
        File.Delete(Home.TokensFile);
        var node = await StartAsync();
        await node.Process.LineAsync("there is no such file");
        await RefusedAsync(node, Home.Token);
        Home.Accept(Home.Token);
        await node.Process.LineAsync("Accepting 1 tokens");
        Assert.NotEqual("", await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
    }

    [Fact]
    public async Task Unreadable_for_a_while_the_tokens_known_before_stay()
    {
        var node = await StartAsync();
        var aside = Home.TokensFile + ".aside";
        File.Move(Home.TokensFile, aside);

        // Not even root can read a directory as a file.
        Directory.CreateDirectory(Home.TokensFile);
        await node.Process.LineAsync("cannot be used: ");
        Assert.NotEqual("", await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        Directory.Delete(Home.TokensFile);
        File.Move(aside, Home.TokensFile);
        var later = Home.NewToken();
        await node.Process.LineAsync("Accepting 2 tokens");
        Assert.NotEqual("", await node.AskOnceAsync(later, 1, Backend.Pid));
    }

    [Fact]
    public async Task Replaced_while_running()
    {
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, Backend.Echo + "\nhello");
        var other = TestToken.New();
        var next = Home.TokensFile + ".next";
        await File.WriteAllTextAsync(next, other.Line("other"));
        File.Move(next, Home.TokensFile, overwrite: true);
        await Until.TrueAsync(async () => await IsServedAsync(node, other), stated: "the new token is accepted");
        await RefusedAsync(node, Home.Token);

        // Who was let in stays.
        Assert.Equal("still here", await client.AskAsync("still here"));
        client.Dispose();
    }

    [Fact]
    public async Task A_bad_line_is_reported_by_its_number_and_without_the_token()
    {
        var cut = TestToken.New();
        var raw = TestToken.New();
        await File.WriteAllTextAsync(Home.TokensFile, $"# clients\nann {cut.Text}\nbob raw:{raw.Text}\neve raw:{cut.Text[..100]}\n{Home.Token.Line("dev")}");
        var node = await StartAsync();
        await node.Process.LineAsync("tokens:2: ");
        await node.Process.LineAsync("tokens:4: ");
        await node.Process.LineAsync("Accepting 2 tokens");
        Assert.NotEqual("", await node.AskOnceAsync(raw, 1, Backend.Pid));
        Assert.NotEqual("", await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        await RefusedAsync(node, cut);
        await node.StopAsync();
        TestToken.AssertNoneIn(node.Process.Lines);
    }

    private static async Task RefusedAsync(TestNode node, TestToken token)
    {
        using var client = await node.ConnectAsync(token);
        await client.ExpectEndAsync();
    }

    // A client that is refused sees an end or, because of the bytes behind its preamble, a reset.
    private static async Task<bool> IsServedAsync(TestNode node, TestToken token)
    {
        try
        {
            return await node.AskOnceAsync(token, 1, Backend.Pid) != "";
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or InvalidOperationException)
        {
            return false;
        }
    }
}
