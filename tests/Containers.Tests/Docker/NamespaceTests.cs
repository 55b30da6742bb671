using System.Net;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Containers that have no network at all.</summary>
public abstract class NamespaceTests(EngineFixture fixture) : EngineTest(fixture)
{
    private static readonly IPEndPoint Inside = new(IPAddress.Loopback, TestImages.Port);

    private DockerRuntime Capable => field ??= NewRuntime(namespaceObstacle: null);

    [EngineFact]
    public async Task Without_a_network_a_container_is_started_reached_and_removed()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template(address: DockerAddress.Namespace)), Capable);

        Assert.Null(backend.Port);
        var address = Assert.IsType<NamespaceBackendAddress>(backend.Address);
        var container = (await Engine.InspectAsync(backend.Id))!;
        Assert.Equal(new NamespaceBackendAddress((int)container["State"]!["Pid"]!, backend.Id, Inside), address);
        Assert.Equal("none", (string)container["HostConfig"]!["NetworkMode"]!);
        Assert.Equal("1 olleh", await LineClient.AskAsync(address, "hello"));
        Assert.Equal("2 dlrow", await LineClient.AskAsync(address, "world"));

        await StopAsync(key, backend.Id);
        Assert.Null(await Engine.InspectAsync(backend.Id));
        await backend.Exited.WaitAsync(Until.Deadline);
    }

    [EngineFact]
    public async Task It_is_ready_when_it_listens_and_be_it_on_its_loopback_alone()
    {
        foreach (var image in new[] { TestImages.LateListener, TestImages.LoopbackOnly })
        {
            var key = NewKey();
            var backend = await StartedAsync(Request(key, Template(image, DockerAddress.Namespace)), Capable);
            Assert.NotNull(await LineClient.AskAsync(backend.Address, "GET / HTTP/1.0\n"));
            await StopAsync(key);
        }
    }

    [EngineFact]
    public async Task It_is_dialled_where_it_listens()
    {
        var key = NewKey();
        var template = Template(address: DockerAddress.Namespace) with
        {
            Command = ["/bin/busybox", "httpd", "-f", "-p", "127.3.2.1:1337"],
        };
        var backend = await StartedAsync(Request(key, template), Capable);
        Assert.Equal(IPEndPoint.Parse("127.3.2.1:1337"), Assert.IsType<NamespaceBackendAddress>(backend.Address).EndPoint);
        Assert.StartsWith("HTTP/1.", await LineClient.AskAsync(backend.Address, "GET / HTTP/1.0\n"), StringComparison.Ordinal);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_second_runtime_finds_what_the_first_has_started_and_sees_it_end()
    {
        var key = NewKey();
        var template = Template(address: DockerAddress.Namespace);
        var backend = await StartedAsync(Request(key, template), Capable);
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));

        var found = Assert.Single(await ListAsync(NewRuntime(namespaceObstacle: null)));
        Assert.True(found.Usable);
        Assert.Equal((key, template.SpecHash, backend.Id, backend.Address), (found.Key, found.SpecHash, found.Backend.Id, found.Backend.Address));
        Assert.Equal("2 dlrow", await LineClient.AskAsync(found.Backend.Address, "world"));
        Assert.Equal(backend.Address, (await StartedAsync(Request(key, template), NewRuntime(namespaceObstacle: null))).Address);

        await Engine.KillAsync(backend.Id);
        Assert.Equal(Killed, (await found.Backend.Exited.WaitAsync(Until.Deadline)).Reason);
        Assert.False(Assert.Single(await ListAsync(NewRuntime(namespaceObstacle: null))).Usable);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_container_that_was_restarted_is_found_under_its_new_process()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template(address: DockerAddress.Namespace)), Capable);
        await Engine.SendAsync(HttpMethod.Post, $"containers/{backend.Id}/restart?t=0");
        Assert.True((await backend.Exited.WaitAsync(Until.Deadline)).Reason.Length > 0);

        await Until.TrueAsync(async () => Assert.Single(await ListAsync(NewRuntime(namespaceObstacle: null))).Usable, stated: "it listens again");
        var found = Assert.Single(await ListAsync(NewRuntime(namespaceObstacle: null))).Backend;
        Assert.NotEqual(backend.Address, found.Address);
        Assert.Equal("1 olleh", await LineClient.AskAsync(found.Address, "hello"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_gateway_that_cannot_dial_inside_takes_over_no_such_container()
    {
        // By the same words in the configuration it gets another one, that it can reach.
        var key = NewKey();
        var template = Template(address: DockerAddress.Namespace);
        var backend = await StartedAsync(Request(key, template), Capable);
        Assert.False(Assert.Single(await ListAsync(Runtime)).Usable);

        var second = await StartedAsync(Request(key, template));
        Assert.NotEqual(backend.Id, second.Id);
        Assert.Equal("1 olleh", await LineClient.AskAsync(Assert.IsType<TcpBackendAddress>(second.Address), "hello"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Auto_is_namespace_where_that_works()
    {
        var probe = Assert.IsType<DockerProbe.Usable>(await Capable.ProbeAsync(CancellationToken.None));
        Assert.Equal(DockerAddress.Namespace, probe.Auto);
        Assert.False(Capable.NeedsPort(Template(address: DockerAddress.Auto)));
        Assert.False(Capable.NeedsPort(Template(address: DockerAddress.Namespace)));

        var key = NewKey();
        var backend = await StartedAsync(Request(key, Template(address: DockerAddress.Auto)), Capable);
        Assert.IsType<NamespaceBackendAddress>(backend.Address);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Where_it_does_not_work_the_log_says_so_once_and_another_address_is_taken()
    {
        using var log = new RecordingLogger();
        var runtime = NewRuntime("the moon is full", log.CreateLogger<DockerRuntime>());
        var template = Template(address: DockerAddress.Namespace);
        Assert.True(runtime.NeedsPort(template));
        foreach (var key in new[] { NewKey(1), NewKey(2) })
        {
            var backend = await StartedAsync(Request(key, template), runtime);
            Assert.Equal("1 olleh", await LineClient.AskAsync(Assert.IsType<TcpBackendAddress>(backend.Address), "hello"));
            await StopAsync(key);
        }

        var line = Assert.Single(log.Of(2111)).Text;
        Assert.StartsWith("The address \"namespace\" does not work here and is \"bridge\": ", line, StringComparison.Ordinal);
        Assert.EndsWith("; not namespace: the moon is full", line, StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task A_container_that_never_listens_or_exits_at_once_is_reported()
    {
        var exits = await FailedAsync(Request(NewKey(), Template(TestImages.ExitsAtOnce, DockerAddress.Namespace)), runtime: Capable);
        Assert.Equal(new StartOutcome.Failed(StartFailure.Exited, "exited with status 3 before it listened: cannot open the flag"), exits);

        var key = NewKey();
        var never = await FailedAsync(Request(key, Template(TestImages.NeverListens, DockerAddress.Namespace)), TimeSpan.FromSeconds(2), Capable);
        Assert.Equal(StartFailure.NotReady, never.Failure);
        Assert.StartsWith("nothing listened on port 1337 of the container within ", never.Reason, StringComparison.Ordinal);
        await StopAsync(key);
    }

    private static async Task<IReadOnlyList<FoundBackend>> ListAsync(DockerRuntime runtime) =>
        Assert.IsType<ListOutcome.Listed>(await runtime.ListAsync(CancellationToken.None)).Backends;
}
