using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Instances of two containers of which, for the moment or for good, only the companion is there.</summary>
public abstract class GroupRemovalTests : GroupTest
{
    private readonly RequestFaults _faults = new();
    private readonly FaultProxy _proxy;
    private readonly DockerRuntime _runtime;

    protected GroupRemovalTests(EngineFixture fixture)
        : base(fixture)
    {
        var path = Path.Combine(Path.GetTempPath(), $"group-removal-{Guid.NewGuid():N}.sock");
        _proxy = new FaultProxy(path, fixture.Host, _faults);
        _runtime = NewRuntime(host: "unix://" + path);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [EngineFact]
    public async Task The_next_listing_removes_the_companion()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Group()), _runtime);
        await HaltsAsync(() => _runtime.StopAsync(key, backend.Id, CancellationToken.None));
        Assert.Empty(await ListAsync(_runtime));
        await AssertNothingIsLeftAsync();
        await GoneAsync(key, backend.Id);
    }

    [EngineFact]
    public async Task By_the_key_of_a_spares_taker_the_companion_is_found_that_has_its_stand_ins_name()
    {
        var key = NewKey(7);
        Func<string, Task<StopOutcome>>[] removals =
        [
            id => _runtime.StopAsync(key, id, CancellationToken.None),
            _ => _runtime.StopAsync(key, null, CancellationToken.None),
            _ => ReplacedAsync(),
        ];
        foreach (var removal in removals)
        {
            var stand = NewKey(0);
            var spare = await StartedAsync(Request(stand, Group()) with { IsSpare = true }, _runtime);
            Assert.IsType<TakeOutcome.Taken>(await _runtime.TakeAsync(new TakeRequest(key, Group(), stand, spare), CancellationToken.None));
            await HaltsAsync(() => removal(spare.Id));
            await GoneAsync(key);
            await AssertNothingIsLeftAsync();
        }

        // A start of another template comes upon it.
        async Task<StopOutcome> ReplacedAsync() =>
            new StopOutcome.Failed((await FailedAsync(Request(key, Template()), runtime: _runtime)).Reason);
    }

    [EngineFact]
    public async Task A_listing_leaves_a_removal_alone_that_is_under_way()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Group()), _runtime);
        _faults.On(RemovalOf(await IdOfAsync("db")), RequestFault.Hold);
        var stopping = _runtime.StopAsync(key, backend.Id, CancellationToken.None);
        await _faults.Met.WaitAsync(Until.Deadline);
        // Its own removal would be held too.
        Assert.Empty(await ListAsync(_runtime).WaitAsync(Until.Deadline));
        _faults.Release();
        Assert.IsType<StopOutcome.Gone>(await stopping.WaitAsync(Until.Deadline));
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task A_listing_leaves_a_start_alone_that_is_under_way()
    {
        var key = NewKey();
        _faults.On($"?name={ContainerName.Of(Node, key)} HTTP", RequestFault.Hold);
        var starting = StartedAsync(Request(key, Group()), _runtime);
        await _faults.Met.WaitAsync(Until.Deadline);
        var db = await IdOfAsync("db");
        Assert.Empty(await ListAsync(_runtime));
        Assert.Equal(db, await IdOfAsync("db"));
        _faults.Release();
        Assert.Equal("1 olleh", await LineClient.AskAsync((await starting).Address, "hello"));
        await StopAsync(key);
    }

    private async Task HaltsAsync(Func<Task<StopOutcome>> removal)
    {
        _faults.On(RemovalOf(await IdOfAsync("db")), RequestFault.Refuse);
        Assert.Equal(new StopOutcome.Failed(_faults.Message), await removal());
        _faults.Clear();
        await IdOfAsync("db");
        Assert.Single(await Engine.ContainersAsync(NodeLabel));
    }

    private async Task GoneAsync(InstanceKey key, string? backendId = null) =>
        Assert.Equal(new StopOutcome.Gone(), await _runtime.StopAsync(key, backendId, CancellationToken.None));

    private static string RemovalOf(string id) => $"/containers/{id}?";
}
