using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Identifier 0: every instance of the token goes, then the client gets a fresh one.</summary>
public sealed class ResetTests(ITestOutputHelper output) : NodeTest(output)
{
    [Fact]
    public async Task Reset_of_an_instance_that_five_sessions_use()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        var stranger = Home.NewToken();
        var node = await StartAsync();
        var sessions = new List<(RawSocket Client, string Answer)>();
        for (var i = 0; i < 5; i++)
        {
            sessions.Add(await node.AskAsync(Home.Token, 3, Backend.Pid));
        }

        Assert.Single(sessions.Select(session => session.Answer).Distinct());
        var (bystander, _) = await node.AskAsync(stranger, 3, Backend.Echo + "\nhello");

        var fresh = await node.AskOnceAsync(Home.Token, 0, Backend.Pid);
        Assert.NotEqual(sessions[0].Answer, fresh);
        Assert.False(Directory.Exists("/proc/" + sessions[0].Answer));
        foreach (var (client, _) in sessions)
        {
            await client.ExpectGoneAsync();
        }

        Assert.Equal("again", await bystander.AskAsync("again"));
        bystander.Dispose();
        Assert.Equal(
            new[] { $"pwn/{Home.Token.Hash}/0", $"pwn/{stranger.Hash}/3" }.Order(StringComparer.Ordinal),
            (await node.InstancesAsync()).Select(instance => (string)instance["key"]!));
    }

    [Fact]
    public async Task Reset_while_the_instance_starts()
    {
        var gate = new HoldingGate(Home).Serve("pwn", ports: 10);
        var node = await StartAsync();
        using var first = await node.ConnectAsync(Home.Token, 5);
        await Until.TrueAsync(() => gate.Starts.Count == 1, stated: "the first start is under way");

        // Whoever waits for the instance that is reset gets the next one.
        using var reset = await node.ConnectAsync(Home.Token, 0);
        await Until.TrueAsync(() => gate.Starts.Count == 3, stated: "the reset's instance starts, and the waiting client's next one");
        Assert.False(Directory.Exists("/proc/" + gate.Starts[0]));
        gate.Open();
        string[] answers = [await first.AskAsync(Backend.Pid), await reset.AskAsync(Backend.Pid)];
        Assert.Equal(gate.Starts.Skip(1).Order(StringComparer.Ordinal), answers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_resets_in_a_row_leave_the_second_ones_instance()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        var node = await StartAsync();
        var first = await node.AskOnceAsync(Home.Token, 0, Backend.Pid);
        var second = await node.AskOnceAsync(Home.Token, 0, Backend.Pid);
        Assert.NotEqual(first, second);
        Assert.Single(await node.InstancesAsync());
    }
}
