using System.Text.Json.Nodes;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Networks that the engine has several of, under the one name that it is asked for.</summary>
[Collection(EngineCollection.Name)]
public sealed class NodeNetworksTests(DockerEngineFixture fixture) : EngineTest(fixture)
{
    private string Bridge => "instancer-" + Node;

    [EngineFact]
    public async Task One_network_too_many_is_removed_by_the_start_that_comes_upon_it()
    {
        var first = NewKey(1);
        await StartedAsync(Request(first, Template()));
        if (await HasSecondAsync())
        {
            // It had found its network before, and is refused the name now.
            await StartedAsync(Request(NewKey(2), Template()));
            Assert.Single(await NetworksAsync());
        }

        if (await HasSecondAsync())
        {
            // As after a restart.
            await StartedAsync(Request(NewKey(3), Template()), NewRuntime());
            Assert.Single(await NetworksAsync());
        }

        foreach (var container in await Engine.ContainersAsync(NodeLabel))
        {
            await Engine.RemoveAsync((string)container!["Id"]!);
        }
    }

    [EngineFact]
    public async Task Several_processes_that_make_it_at_once_all_succeed_and_leave_one()
    {
        for (ushort round = 0; round < 5; round++)
        {
            var starts = Enumerable.Range(1, 4).Select(one => (Key: NewKey((ushort)one), Process: NewRuntime())).ToList();
            await Task.WhenAll(starts.Select(start => start.Process.ProbeAsync(CancellationToken.None)));
            await Engine.SendAsync(HttpMethod.Delete, "networks/" + Bridge, absentIsFine: true);

            await Task.WhenAll(starts.Select(start => StartedAsync(Request(start.Key, Template()), start.Process)));
            Assert.Single(await NetworksAsync());
            await Task.WhenAll(starts.Select(start => StopAsync(start.Key)));
        }
    }

    // False on an engine that sees to it that there is none: newer ones do.
    private async Task<bool> HasSecondAsync()
    {
        var body = new JsonObject
        {
            ["Name"] = Bridge, ["CheckDuplicate"] = false, ["Internal"] = true, ["Labels"] = new JsonObject { ["instancer.node"] = Node },
        };
        try
        {
            await Engine.CreateNetworkAsync(body);
        }
        catch (InvalidOperationException)
        {
            Assert.Single(await NetworksAsync());
            return false;
        }

        Assert.Equal(2, (await NetworksAsync()).Count);
        return true;
    }

    private async Task<JsonArray> NetworksAsync()
    {
        var filters = Uri.EscapeDataString(new JsonObject { ["name"] = new JsonArray(Bridge) }.ToJsonString());
        return (JsonArray)(await Engine.SendAsync(HttpMethod.Get, $"networks?filters={filters}"))!;
    }
}
