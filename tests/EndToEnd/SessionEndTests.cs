using System.Security.Cryptography;
using System.Text;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>However a session ends, the other side sees what a direct connection would have shown.</summary>
public sealed class SessionEndTests : NodeTest
{
    public SessionEndTests(ITestOutputHelper output)
        : base(output) => Home.Serve("pwn", Challenges.Backend(), ports: 10);

    [Fact]
    public async Task The_backend_ends_first_and_still_gets_what_the_client_sends()
    {
        var node = await StartAsync();
        var (client, answer) = await node.AskAsync(Home.Token, 1, Backend.End);
        Assert.Equal("ended", answer);
        await client.ExpectEndAsync();
        await client.SendAsync(new byte[100_000]);
        client.EndSending();
        await SeenAsync(node, "end 100000");
        client.Dispose();
    }

    [Fact]
    public async Task The_client_ends_first_and_still_gets_what_the_backend_sends()
    {
        var node = await StartAsync();
        using var client = await node.ConnectAsync(Home.Token);
        var payload = RandomNumberGenerator.GetBytes(100_000);
        await client.SendAsync((byte[])[.. Encoding.ASCII.GetBytes(Backend.Echo + "\n"), .. payload]);
        client.EndSending();
        Assert.Equal(payload, await client.ReceiveToEndAsync());
    }

    [Fact]
    public async Task The_client_resets()
    {
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, Backend.Watch);
        client.Reset();
        await SeenAsync(node, "reset 0");
    }

    [Fact]
    public async Task The_backend_resets()
    {
        var node = await StartAsync();
        var (client, _) = await node.AskAsync(Home.Token, 1, Backend.Reset);
        await client.SendAsync(new byte[1]);
        await client.ExpectResetAsync();
    }

    [Fact]
    public async Task The_backend_dies_and_the_next_client_gets_another()
    {
        var node = await StartAsync();
        var pid = await node.AskOnceAsync(Home.Token, 1, Backend.Pid);
        var (idle, _) = await node.AskAsync(Home.Token, 1, Backend.Watch);
        var (client, _) = await node.AskAsync(Home.Token, 1, Backend.Die);
        await client.SendAsync(new byte[1]);

        // All that was sent had been read: a kernel closes such sockets of a dead process in order.
        await client.ExpectEndAsync();
        await idle.ExpectEndAsync();
        client.Dispose();
        idle.Dispose();
        await node.InstancesAreAsync(all => all.Count == 0, "the dead backend's instance is gone");
        Assert.NotEqual(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
    }

    [Fact]
    public async Task The_client_vanishes_while_its_instance_starts()
    {
        var gate = new HoldingGate(Home).Serve("pwn", ports: 10);
        var node = await StartAsync();
        var gone = await node.ConnectAsync(Home.Token);
        await node.InstancesAreAsync(all => all is [var one] && (string?)one["state"] == "starting", "the instance starts");
        gone.Reset();
        await node.InstancesAreAsync(all => all is [var one] && (int?)one["waiting"] == 0, "the client is known to be gone");
        gate.Open();
        await node.InstancesAreAsync(all => all is [var one] && (string?)one["state"] == "idle", "the instance is idle");
        Assert.Equal(Assert.Single(gate.Starts), await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
    }

    private async Task SeenAsync(TestNode node, string expected)
    {
        var seen = "";
        await Until.TrueAsync(
            async () => (seen = await node.AskOnceAsync(Home.Token, 1, Backend.Seen)) == expected, stated: $"the backend saw \"{expected}\", not \"{seen}\"");
    }
}
