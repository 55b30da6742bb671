using System.Net.Sockets;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>How a node stops, in order and otherwise, and what the next one finds.</summary>
public sealed class StopTests : NodeTest
{
    private const int Sessions = 50;

    public StopTests(ITestOutputHelper output)
        : base(output) => Home.Serve("pwn", Challenges.Backend(), ports: 10);

    [Fact]
    public async Task Sessions_may_finish_after_SIGTERM_and_nobody_else_comes_in()
    {
        Home.Gateway["drainTimeout"] = "00:10:00";
        var node = await StartAsync();
        var clients = await OpenSessionsAsync(node);
        await node.Process.SignalAsync("TERM");
        await node.Process.LineAsync($"pwn drains {Sessions} connections");
        var late = await Assert.ThrowsAsync<SocketException>(() => node.ConnectAsync());
        Assert.Equal(SocketError.ConnectionRefused, late.SocketErrorCode);
        foreach (var client in clients)
        {
            Assert.Equal("still here", await client.AskAsync("still here"));
            client.EndSending();
            await client.ExpectEndAsync();
            client.Dispose();
        }

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.Empty(MarkedProcesses.Of(Home.Name));
    }

    [Fact]
    public async Task Sessions_that_do_not_finish_are_reset_at_the_end_of_the_drain_timeout()
    {
        var node = await StartAsync();
        var clients = await OpenSessionsAsync(node);
        await node.Process.SignalAsync("TERM");
        foreach (var client in clients)
        {
            await client.ExpectResetAsync();
        }

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.Empty(MarkedProcesses.Of(Home.Name));
    }

    [Fact]
    public async Task A_second_SIGTERM_stops_at_once()
    {
        Home.Gateway["drainTimeout"] = "00:10:00";
        var node = await StartAsync();
        var clients = await OpenSessionsAsync(node);
        await node.Process.SignalAsync("TERM");
        await node.Process.LineAsync("draining");
        await node.Process.SignalAsync("TERM");
        foreach (var client in clients)
        {
            await client.ExpectResetAsync();
        }

        Assert.Equal(0, await node.Process.ExitAsync());
        Assert.Empty(MarkedProcesses.Of(Home.Name));
    }

    [Fact]
    public async Task After_kill_9_the_next_start_removes_the_processes_that_were_left()
    {
        var killed = await StartAsync();
        var (client, pid) = await killed.AskAsync(Home.Token, 1, Backend.Pid);
        await killed.Process.KillAsync();

        // Its kernel closed the sockets; there was nothing unread.
        await client.ExpectGoneAsync();
        Assert.Equal([pid], MarkedProcesses.Of(Home.Name).Keys.Select(left => left.ToString(System.Globalization.CultureInfo.InvariantCulture)));

        var node = await StartAsync();
        await Until.TrueAsync(() => MarkedProcesses.Of(Home.Name).Keys.SequenceEqual([node.Process.Id]), stated: "what the killed node left is gone");
        Assert.NotEqual(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
    }

    private async Task<List<RawSocket>> OpenSessionsAsync(TestNode node)
    {
        List<RawSocket> clients = [];
        for (var i = 0; i < Sessions; i++)
        {
            clients.Add((await node.AskAsync(Home.Token, 1 + (i % 3), Backend.Echo + "\nhello")).Client);
        }

        return clients;
    }
}
