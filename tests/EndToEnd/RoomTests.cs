using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>When room runs short, the oldest instance goes and its sessions end; whoever came is served.</summary>
public sealed class RoomTests(ITestOutputHelper output) : NodeTest(output)
{
    [Fact]
    public async Task A_pool_of_three_ports()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 3);
        await TheOldestOfThreeGoesAsync("NoFreePort");
    }

    [Fact]
    public async Task At_most_three_instances()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Options["challenges"]!["pwn"]!["maxInstances"] = 3;
        await TheOldestOfThreeGoesAsync("MaxInstances");
    }

    [Fact]
    public async Task A_memory_budget_for_three()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Options["challenges"]!["pwn"]!["memory"] = "64MiB";
        Home.Options["reaper"] = new JsonObject { ["memoryBudget"] = "200MiB" };
        await TheOldestOfThreeGoesAsync("MemoryBudget");
    }

    [Fact]
    public async Task An_idle_instance_goes_before_an_older_one_in_use()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 2);
        var node = await StartAsync();
        var (busy, busyPid) = await node.AskAsync(Home.Token, 1, Backend.Pid);
        await node.AskOnceAsync(Home.Token, 2, Backend.Pid);
        await node.InstancesAreAsync(all => all.Count(one => (string?)one["state"] == "idle") == 1, "the second is idle");
        await node.AskOnceAsync(Home.Token, 3, Backend.Pid);
        Assert.Equal(busyPid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        Assert.Equal([1, 3], await IdentifiersAsync(node));
        busy.Dispose();
    }

    [Fact]
    public async Task A_port_that_somebody_else_has_is_passed_over()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 2);
        var first = (int)Home.Options["ports"]!["first"]!;
        using var stranger = new TcpListener(IPAddress.Loopback, first);
        stranger.Start();
        var node = await StartAsync();
        Assert.NotEqual("", await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        await node.Process.LineAsync($"Port {first.ToString(CultureInfo.InvariantCulture)} is somebody else's");
        var instance = Assert.Single(await node.InstancesAsync());
        Assert.EndsWith((first + 1).ToString(CultureInfo.InvariantCulture), (string?)instance["address"], StringComparison.Ordinal);
    }

    private async Task TheOldestOfThreeGoesAsync(string cause)
    {
        Home.Options["reaper"] ??= new JsonObject();
        Home.Options["reaper"]!["order"] = "oldest";
        var node = await StartAsync();
        List<RawSocket> sessions = [];
        for (var identifier = 1; identifier <= 3; identifier++)
        {
            sessions.Add((await node.AskAsync(Home.Token, identifier, Backend.Echo + "\nhello")).Client);
        }

        var (fourth, answer) = await node.AskAsync(Home.Token, 4, Backend.Echo + "\nhello");
        Assert.Equal("hello", answer);
        await sessions[0].ExpectGoneAsync();
        await node.Process.LineAsync($"/1 stops ({cause}), 1 sessions end");
        Assert.Equal([2, 3, 4], await IdentifiersAsync(node));
        foreach (var session in sessions.Skip(1).Append(fourth))
        {
            Assert.Equal("still here", await session.AskAsync("still here"));
            session.Dispose();
        }
    }

    private static async Task<IEnumerable<int>> IdentifiersAsync(TestNode node) =>
        (await node.InstancesAsync()).Select(one => int.Parse(((string)one["key"]!).Split('/')[2], CultureInfo.InvariantCulture)).Order();
}
