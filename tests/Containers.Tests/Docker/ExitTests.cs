using Instancer.Actors.Instances;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

public abstract class ExitTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task A_container_that_is_killed_from_outside_is_reported()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template()));
        await Engine.KillAsync(backend.Id);
        Assert.Equal(Killed, (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_server_that_ends_by_itself_is_reported_with_its_status()
    {
        var key = NewKey();
        var script = "trap 'exit 7' USR1; echo 0 >/tmp/count; nc -ll -p 1337 -e /session & while :; do sleep 0.05; done";
        var backend = await StartedAsync(Request(key, Template() with { Command = ["/bin/sh", "-c", script] }));
        await Engine.KillAsync(backend.Id, "USR1");
        Assert.Equal("exited with status 7", (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_server_that_runs_out_of_memory_is_reported_as_such()
    {
        var key = NewKey();
        var script = "trap 'exec busybox tail /dev/zero' USR1; echo 0 >/tmp/count; nc -ll -p 1337 -e /session & while :; do sleep 0.05; done";
        var backend = await StartedAsync(Request(key, Template() with { Memory = 16 << 20, Command = ["/bin/sh", "-c", script] }));
        await Engine.KillAsync(backend.Id, "USR1");
        Assert.Matches(OutOfMemory, (await backend.Exited.WaitAsync(Until.Deadline)).Reason);

        // Found later, it says the same.
        var found = Assert.IsType<ListOutcome.Listed>(await NewRuntime().ListAsync(CancellationToken.None));
        Assert.Matches(OutOfMemory, (await Assert.Single(found.Backends).Backend.Exited).Reason);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_container_that_is_removed_from_outside_is_reported()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template()));
        await Engine.RemoveAsync(backend.Id);
        await backend.Exited.WaitAsync(Until.Deadline);
        await StopAsync(key, backend.Id);
    }
}
