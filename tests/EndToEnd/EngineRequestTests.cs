using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>
/// A real engine that refuses, or whose connection is cut, for each kind of request: the client is closed, the list of instances says
/// why, and once the fault is over clients are served and nothing is left.
/// </summary>
public sealed class EngineRequestTests : EngineNodeTest
{
    private const string NoSpace = "write /var/lib/docker/tmp: no space left on device";

    private readonly RequestFaults _faults = new();
    private readonly string _path;

    public EngineRequestTests(ITestOutputHelper output, DockerEngineFixture fixture)
        : base(output, fixture)
    {
        _path = Path.Combine(Home.Directory, "engine.sock");
        Home.Environment["DOCKER_HOST"] = "unix://" + _path;
        Home.Serve("pwn", Challenges.Docker(), ports: 20);
        _faults.Message = NoSpace;
    }

    [EngineFact]
    public async Task Each_request_of_a_start()
    {
        await using var proxy = new FaultProxy(_path, Engine.Host, _faults);
        Home.Options["challenges"]!["pwn"]!["address"] = "published";
        var node = await StartAsync();

        // One at a time: the network, the container, its start, the look at it, and, after a failure, the search for remains.
        await FailsThenServesAsync(node, 1, RequestFault.Refuse, "/networks/");
        var identifier = 2;
        foreach (var part in new[] { "/containers/create", "/start HTTP", "/json HTTP" })
        {
            foreach (var fault in new[] { RequestFault.Refuse, RequestFault.CutBefore, RequestFault.CutInAnswer })
            {
                await FailsThenServesAsync(node, identifier++, fault, part);
            }
        }

        await FailsThenServesAsync(node, identifier++, RequestFault.Refuse, "/containers/create", "/containers/json?");
        await FailsThenServesAsync(node, identifier, RequestFault.CutBefore, "/containers/create", "/containers/json?");
        Assert.Equal(identifier, (await ContainersAsync()).Count);
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    [EngineFact]
    public async Task A_removal()
    {
        await using var proxy = new FaultProxy(_path, Engine.Host, _faults);
        var node = await StartAsync();
        foreach (var fault in new[] { RequestFault.Refuse, RequestFault.CutBefore, RequestFault.CutInAnswer })
        {
            Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
            var old = Assert.Single(await ContainersAsync());
            _faults.On("DELETE", fault);
            using var reset = await node.ConnectAsync(Home.Token, 0);
            if (fault == RequestFault.CutInAnswer)
            {
                // The engine has removed it: what there is to see is that it is asked again.
                await _faults.Met.WaitAsync(Until.Deadline);
            }
            else
            {
                await node.InstancesAreAsync(
                    all => all.Any(one => (string?)one["state"] == "stopping" && one["lastFailure"] is not null), "the removal has failed");
            }

            _faults.Clear();
            Assert.Equal("1 hserf", await reset.AskAsync("fresh"));
            Assert.DoesNotContain(old, await ContainersAsync());
            reset.Dispose();
            await node.StopInstancesAsync();
            Assert.Empty(await ContainersAsync());
        }

        Assert.Contains(node.Process.Lines, line => line.Contains(" could not be removed, to be tried again: " + NoSpace, StringComparison.Ordinal));
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    [EngineFact]
    public async Task The_listing_at_the_start_of_the_node()
    {
        _faults.On("/containers/json?", RequestFault.Refuse);
        await using var proxy = new FaultProxy(_path, Engine.Host, _faults);
        var node = await StartAsync();
        using (var client = await node.ConnectAsync(Home.Token))
        {
            await client.ExpectEndAsync();
        }

        await node.Process.LineAsync("Runtime docker cannot say what it has: " + NoSpace);
        _faults.Clear();
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    /// <summary>
    /// Without the engine's events nothing tells of an exit, of a pause or of a container that somebody made: all are found by comparing what
    /// is there with what should be.
    /// </summary>
    [EngineFact]
    public async Task What_no_event_told_of_is_found_while_the_node_runs()
    {
        await using var proxy = new FaultProxy(_path, Engine.Host, _faults);
        var node = await StartAsync();
        string[] ids = [await ContainerOfAsync(node, 1), await ContainerOfAsync(node, 2), await ContainerOfAsync(node, 3)];
        _faults.On("/events?", RequestFault.Refuse);
        _faults.Cut("/events?");
        await node.Process.LineAsync("The stream of the engine's events ended (");

        // One is killed, one is paused, one is copied with all its labels; and one is made after its start was given up for lost.
        await Engine.KillAsync(ids[0]);
        await Engine.SendAsync(HttpMethod.Post, $"containers/{ids[1]}/pause");
        var copy = await CopyAsync(ids[2]);
        _faults.On("/containers/create", RequestFault.CutAndPassLater);
        using (var client = await node.ConnectAsync(Home.Token, 4))
        {
            await client.ExpectEndAsync();
        }

        _faults.Release();
        _faults.On("/events?", RequestFault.Refuse);
        await Until.TrueAsync(async () => (await ContainersAsync()).Count == 5, stated: "the container that nobody waits for has been made");

        var soon = TimeSpan.FromSeconds(45);
        await Until.TrueAsync(
            async () => (await ContainersAsync()).Order(StringComparer.Ordinal).SequenceEqual(ids[1..].Order(StringComparer.Ordinal)),
            soon,
            "the two that should be there are, and no others");
        await node.Process.LineAsync($"The container {ids[1]} was paused from outside; it goes on.");
        Assert.Contains(node.Process.Lines, line => line.Contains($"({copy}) is removed: its key has another backend", StringComparison.Ordinal));
        Assert.Equal("2 dlrow", await node.AskOnceAsync(Home.Token, 2, "world"));
        Assert.Equal("2 dlrow", await node.AskOnceAsync(Home.Token, 3, "world"));
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 1, "world"));
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 4, "world"));
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    private async Task FailsThenServesAsync(TestNode node, int identifier, RequestFault fault, params string[] parts)
    {
        Array.ForEach(parts, part => _faults.On(part, fault));
        using (var client = await node.ConnectAsync(Home.Token, identifier))
        {
            await client.ExpectEndAsync();
        }

        var why = fault == RequestFault.Refuse ? NoSpace : "cannot reach the Docker engine at ";
        var failure = (string?)(await node.InstancesAsync()).Single(one => ((string)one["key"]!).EndsWith($"/{identifier}", StringComparison.Ordinal))["lastFailure"];
        Assert.Contains(why, failure, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure!);
        Assert.Contains(node.Process.Lines, line => line.Contains(" did not start: ", StringComparison.Ordinal) && line.Contains(why, StringComparison.Ordinal));
        _faults.Clear();
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, identifier, "hello"));
    }

    private async Task<string> ContainerOfAsync(TestNode node, int identifier)
    {
        var before = await ContainersAsync();
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, identifier, "hello"));
        return (await ContainersAsync()).Except(before).Single();
    }

    /// <summary>Makes and starts a container with another one's labels, under a name of the engine's choice.</summary>
    private async Task<string> CopyAsync(string id)
    {
        var body = new System.Text.Json.Nodes.JsonObject
        {
            ["Image"] = TestImages.LineServer,
            ["Labels"] = (await Engine.InspectAsync(id))!["Config"]!["Labels"]!.DeepClone(),
            ["HostConfig"] = new System.Text.Json.Nodes.JsonObject { ["NetworkMode"] = "none" },
        };
        var copy = (string)(await Engine.SendAsync(HttpMethod.Post, "containers/create", body))!["Id"]!;
        await Engine.SendAsync(HttpMethod.Post, $"containers/{copy}/start");
        return copy;
    }
}
