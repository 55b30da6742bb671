using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

public abstract class LifeCycleTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task On_the_bridge_a_container_is_started_reached_and_removed()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template()));

        Assert.Null(backend.Port);
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        Assert.Equal("2 dlrow", await LineClient.AskAsync(backend.Address, "world"));
        Assert.False(backend.Exited.IsCompleted);

        await StopAsync(key, backend.Id);
        Assert.Null(await Engine.InspectAsync(backend.Id));
        await backend.Exited.WaitAsync(Until.Deadline);
        await StopAsync(key, backend.Id);
    }

    [EngineFact]
    public async Task On_a_published_port_a_container_is_started_reached_and_removed()
    {
        var key = NewKey();
        var request = Request(key, Template(address: DockerAddress.Published));
        var backend = await StartedAsync(request);

        Assert.Equal(request.Port, backend.Port);
        Assert.Equal($"127.0.0.1:{request.Port}", backend.Address.ToString());
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));

        await StopAsync(key);
        Assert.Null(await Engine.InspectAsync(backend.Id));
    }

    [EngineFact]
    public async Task A_late_listener_is_ready_only_when_it_listens_behind_the_engines_proxy_too()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published })
        {
            var key = NewKey();
            var backend = await StartedAsync(Request(key, Template(TestImages.LateListener, address)));
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
            await StopAsync(key);
        }
    }
}
