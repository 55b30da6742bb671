using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Spares: whose one is stands in its name, which the engine keeps.</summary>
public abstract class SpareTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task A_spare_becomes_a_keys_container_and_the_next_process_knows()
    {
        var (stand, key) = (NewKey(0), NewKey(7));
        var spare = await SpareAsync(stand);
        var before = Assert.Single(await ListAsync());
        Assert.True(before is { IsSpare: true, Usable: true } && before.Key == stand);

        await TakenAsync(key, stand, spare);
        Assert.Equal("1 olleh", await LineClient.AskAsync(spare.Address, "hello"));

        var after = Assert.Single(await ListAsync());
        Assert.True(after is { IsSpare: false, Usable: true } && after.Key == key && after.Backend.Id == spare.Id);

        // A start for the key, by a process that knows nothing, comes upon it.
        Assert.Equal(spare.Id, (await StartedAsync(Request(key, Template()), NewRuntime())).Id);
        await StopAsync(key);
        Assert.Empty(await ListAsync());
    }

    [EngineFact]
    public async Task Of_two_who_take_one_spare_the_engine_lets_the_key_have_one_container()
    {
        var (stand, other, key) = (NewKey(0), NewKey(0), NewKey(7));
        var (first, second) = (await SpareAsync(stand), await SpareAsync(other));
        await TakenAsync(key, stand, first);
        var refused = Assert.IsType<TakeOutcome.Failed>(await TakeAsync(key, other, second));
        Assert.Contains("already in use", refused.Reason, StringComparison.Ordinal);

        // By its own name, under whatever key.
        await StopAsync(key, second.Id);
        Assert.Equal(first.Id, Assert.Single(await ListAsync()).Backend.Id);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_spare_that_is_gone_is_not_taken_and_one_that_has_ended_says_so()
    {
        var (stand, key) = (NewKey(0), NewKey(7));
        var spare = await SpareAsync(stand);
        await Engine.KillAsync(spare.Id);
        await TakenAsync(key, stand, spare);
        Assert.Equal(Killed, (await spare.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key, spare.Id);
        Assert.IsType<TakeOutcome.Failed>(await TakeAsync(key, stand, spare));
    }

    [EngineFact]
    public async Task A_spare_under_a_name_that_is_no_keys_is_a_spare_and_not_usable()
    {
        var stand = NewKey(0);
        var spare = await SpareAsync(stand);
        await Engine.SendAsync(HttpMethod.Post, $"containers/{spare.Id}/rename?name=somebody-{Node}");
        Assert.True(Assert.Single(await ListAsync()) is { IsSpare: true, Usable: false });
        await StopAsync(stand, spare.Id);
    }

    [EngineFact]
    public async Task Every_address_mode_that_is_dialled_from_here_has_spares()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published })
        {
            var (stand, key) = (NewKey(0), NewKey(7));
            var request = Request(stand, Template(address: address)) with { IsSpare = true };
            var spare = await StartedAsync(request);
            await TakenAsync(key, stand, spare);
            Assert.Equal("1 olleh", await LineClient.AskAsync(spare.Address, "hello"));
            await StopAsync(key);
        }
    }

    private Task<Backend> SpareAsync(InstanceKey stand) => StartedAsync(Request(stand, Template()) with { IsSpare = true });

    private async Task TakenAsync(InstanceKey key, InstanceKey stand, Backend spare) => Assert.IsType<TakeOutcome.Taken>(await TakeAsync(key, stand, spare));

    private Task<TakeOutcome> TakeAsync(InstanceKey key, InstanceKey stand, Backend spare) =>
        Runtime.TakeAsync(new TakeRequest(key, Template(), stand, spare), CancellationToken.None);

    private async Task<IReadOnlyList<FoundBackend>> ListAsync() =>
        Assert.IsType<ListOutcome.Listed>(await NewRuntime().ListAsync(CancellationToken.None)).Backends;
}
