using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Two hundred clients at once.</summary>
public sealed class CrowdTests(ITestOutputHelper output) : NodeTest(output)
{
    private const int Crowd = 200;

    [Fact]
    public async Task Clients_of_one_key_share_one_start()
    {
        var gate = new HoldingGate(Home).Serve("pwn", ports: 10);
        var node = await StartAsync();
        var clients = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => node.ConnectAsync(Home.Token, 1)));
        await node.InstancesAreAsync(
            all => all is [var one] && (int?)one["waiting"] == Crowd && (string?)one["state"] == "starting", "all wait for one start");
        gate.Open();
        var answers = await Task.WhenAll(clients.Select(client => client.AskAsync(Backend.Pid)));
        Assert.Equal(gate.Starts[0], Assert.Single(answers.Distinct()));
        Assert.Single(gate.Starts);
        Array.ForEach(clients, client => client.Dispose());
        await node.InstancesAreAsync(all => all is [var one] && (int?)one["sessions"] == 0, "all sessions have ended");
    }

    [BusyboxFact]
    public async Task Starts_of_many_keys_run_a_few_at_a_time_and_all_are_served()
    {
        const int atOnce = 5;
        var gate = new HoldingGate(Home).Serve("pwn", ports: Crowd, server: "busybox nc -ll -p \"$1\" -e busybox cat");
        Home.Options["challenges"]!["pwn"]!["maxInstances"] = Crowd;
        Home.Options["startQueue"] = new JsonObject { ["concurrentStarts"] = atOnce, ["timeout"] = "00:10:00" };
        var node = await StartAsync();
        var tokens = Enumerable.Range(0, 10).Select(_ => Home.NewToken()).ToList();
        await node.Process.LineAsync($"Accepting {tokens.Count + 1} tokens");

        var clients = await Task.WhenAll(
            Enumerable.Range(0, Crowd).Select(i => node.ConnectAsync(tokens[i % tokens.Count], 1 + (i / tokens.Count))));
        await node.InstancesAreAsync(
            all => all.Count(one => (string?)one["state"] == "starting") == atOnce && all.Count(one => (string?)one["state"] == "queued") == Crowd - atOnce,
            $"{atOnce} start and the others wait for their turn");

        // No start ends before its gate is opened: so there are never more than those that were let through and the few that run.
        for (var open = 0; open < Crowd; open += atOnce)
        {
            await Until.TrueAsync(() => gate.Starts.Count >= open + atOnce, stated: "the next ones start");
            Assert.Equal(open + atOnce, gate.Starts.Count);
            gate.Starts.Skip(open).ToList().ForEach(gate.Open);
        }

        var answers = await Task.WhenAll(clients.Select((client, i) => client.AskAsync($"hello from {i}")));
        Assert.Equal(Enumerable.Range(0, Crowd).Select(i => $"hello from {i}"), answers);
        Assert.Equal(Crowd, gate.Starts.Count);
        Array.ForEach(clients, client => client.Dispose());
    }
}
