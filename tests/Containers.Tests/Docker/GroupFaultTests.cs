using System.Text.Json.Nodes;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Instances of two containers at moments that a real engine seldom meets, on a fake one.</summary>
public sealed class GroupFaultTests : IAsyncLifetime
{
    private static readonly InstanceKey Key = new("pwn", TokenHash.Of("token"u8), 1);
    private static readonly ContainerLabels Front =
        new("n", Key, DateTimeOffset.UnixEpoch, "spec", new ContainerAddress.Bridge(1)) { Group = "g", Companions = ["db"] };

    private FakeEngine _engine = null!;
    private DockerRuntime _runtime = null!;

    public async Task InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        var options = new DockerRuntimeOptions { Node = "n", Host = _engine.Host };
        _runtime = new DockerRuntime(options, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _runtime.DisposeAsync();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_companion_is_no_orphan_if_its_front_is_younger_than_the_listing()
    {
        Add("db", Front with { Member = "db" });
        _engine.Listed = filters =>
        {
            if (filters.Contains(ContainerLabels.NodeLabel + "=", StringComparison.Ordinal))
            {
                Add("front", Front);
            }
        };
        Assert.Empty(await ListAsync());
        Assert.Equal(["db", "front"], _engine.Containers.Keys.Order());

        // And is one once it is certain that there is none.
        _engine.Listed = _ => { };
        _engine.Containers.TryRemove("front", out _);
        Assert.Empty(await ListAsync());
        Assert.Empty(_engine.Containers);
    }

    [Fact]
    public async Task A_listing_hands_out_one_and_the_same_end_as_long_as_all_run()
    {
        AddBoth();
        var exited = Assert.Single(await ListAsync()).Backend.Exited;
        Assert.Same(exited, Assert.Single(await ListAsync()).Backend.Exited);
        Assert.False(exited.IsCompleted);
    }

    [Fact]
    public async Task What_was_gone_when_it_was_looked_at_is_not_remembered()
    {
        AddBoth();
        _engine.Inspections.TryRemove("db", out _);
        Assert.False(Assert.Single(await ListAsync()).Usable);
        Assert.Equal(["DELETE /v1.41/containers/front"], await RemovalsOfFrontAsync());
    }

    [Fact]
    public async Task What_a_listing_does_not_show_any_more_is_forgotten()
    {
        AddBoth();
        Assert.Single(await ListAsync());
        _engine.Containers.Clear();
        Assert.Empty(await ListAsync());
        Assert.Equal(["DELETE /v1.41/containers/front"], await RemovalsOfFrontAsync());
    }

    [Fact]
    public async Task A_start_that_fails_once_its_container_runs_removes_it_before_the_companion_whose_network_it_is_in()
    {
        var template = new DockerTemplate
        {
            Image = "i", ContainerPort = 1, Address = DockerAddress.Bridge, Companions = new Dictionary<string, ContainerTemplate> { ["db"] = new() { Image = "i" } },
        };
        // The look at the second of them is refused.
        string? front = null;
        _engine.Refuses = request =>
        {
            front ??= _engine.Containers.FirstOrDefault(one => one.Value["Labels"]!["instancer.member"] is null).Key;
            return front is not null && request.EndsWith($"/containers/{front}/json", StringComparison.Ordinal);
        };
        var failed = Assert.IsType<StartOutcome.Failed>(await _runtime.StartAsync(new StartRequest(Key, template, null), CancellationToken.None));
        Assert.Equal("refused", failed.Reason);
        Assert.Equal("DELETE /v1.41/containers/" + front, Removals()[0]);
        Assert.Empty(_engine.Containers);
    }

    private async Task<IReadOnlyList<string>> RemovalsOfFrontAsync()
    {
        _engine.Requests.Clear();
        Assert.Equal(new StopOutcome.Gone(), await _runtime.StopAsync(Key, "front", CancellationToken.None));
        return Removals();
    }

    private IReadOnlyList<string> Removals() => [.. _engine.Requests.Where(request => request.StartsWith("DELETE ", StringComparison.Ordinal))];

    private async Task<IReadOnlyList<FoundBackend>> ListAsync() =>
        Assert.IsType<ListOutcome.Listed>(await _runtime.ListAsync(CancellationToken.None)).Backends;

    private void AddBoth()
    {
        Add("front", Front);
        Add("db", Front with { Member = "db" });
    }

    private void Add(string id, ContainerLabels labels)
    {
        var map = new JsonObject(labels.ToMap().Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
        _engine.Containers[id] = new JsonObject { ["Id"] = id, ["State"] = "running", ["Labels"] = map };
        _engine.Inspections[id] = new JsonObject
        {
            ["Id"] = id, ["State"] = new JsonObject { ["Running"] = true }, ["Config"] = new JsonObject { ["Labels"] = map.DeepClone() },
        };
    }
}
