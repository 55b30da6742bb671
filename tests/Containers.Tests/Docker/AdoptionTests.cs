using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

public abstract class AdoptionTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task A_second_runtime_finds_what_the_first_has_started()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published })
        {
            var key = NewKey();
            var template = Template(address: address);
            var backend = await StartedAsync(Request(key, template));
            Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));

            var found = Assert.Single(await ListAsync(NewRuntime()));
            Assert.Equal(key, found.Key);
            Assert.True(found.Usable);
            Assert.Equal(template.SpecHash, found.SpecHash);
            Assert.Equal(backend.Id, found.Backend.Id);
            Assert.Equal(backend.Address, found.Backend.Address);
            Assert.Equal(backend.Port, found.Backend.Port);
            Assert.True((backend.CreatedAt - found.Backend.CreatedAt).Duration() < Until.Deadline);
            Assert.Equal("2 dlrow", await LineClient.AskAsync(found.Backend.Address, "world"));

            await Engine.KillAsync(backend.Id);
            Assert.Equal(Killed, (await found.Backend.Exited.WaitAsync(Until.Deadline)).Reason);
            await StopAsync(key);
        }
    }

    [EngineFact]
    public async Task What_has_ended_or_does_not_listen_is_found_and_not_usable()
    {
        var ended = NewKey(1);
        var backend = await StartedAsync(Request(ended, Template()));
        await Engine.KillAsync(backend.Id);
        var deaf = NewKey(2);
        await FailedAsync(Request(deaf, Template(TestImages.NeverListens)), TimeSpan.FromSeconds(1));

        var found = await ListAsync(NewRuntime());
        Assert.Equal([ended, deaf], found.Select(one => one.Key).OrderBy(key => key.Identifier));
        Assert.All(found, one => Assert.False(one.Usable));
        var exited = found.Single(one => one.Key == ended).Backend.Exited;
        Assert.Equal(Killed, (await exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(ended);
        await StopAsync(deaf);
    }

    [EngineFact]
    public async Task A_start_adopts_a_container_that_matches()
    {
        var key = NewKey();
        var first = await StartedAsync(Request(key, Template()));
        var second = await StartedAsync(Request(key, Template()), NewRuntime());
        Assert.Equal(first.Id, second.Id);
        Assert.Equal(first.Address, second.Address);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_start_replaces_a_container_of_another_template_and_one_that_has_ended()
    {
        var key = NewKey();
        var first = await StartedAsync(Request(key, Template()));
        var second = await StartedAsync(Request(key, Template() with { Pids = 50 }));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Null(await Engine.InspectAsync(first.Id));

        await Engine.KillAsync(second.Id);
        var third = await StartedAsync(Request(key, Template() with { Pids = 50 }));
        Assert.NotEqual(second.Id, third.Id);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_strangers_container_under_the_same_name_is_left_alone()
    {
        var key = NewKey();
        var name = ContainerName.Of(Node, key);
        var body = new JsonObject { ["Image"] = TestImages.NeverListens };
        var id = (string)(await Engine.SendAsync(HttpMethod.Post, $"containers/create?name={name}", body))!["Id"]!;
        try
        {
            var failed = await FailedAsync(Request(key, Template()));
            Assert.Equal(new StartOutcome.Failed(StartFailure.Rejected, $"the name {name} is taken by a container that is not Instancer's"), failed);
            await StopAsync(key);
            Assert.NotNull(await Engine.InspectAsync(id));
            Assert.Empty(await ListAsync(Runtime));
        }
        finally
        {
            await Engine.RemoveAsync(id);
        }
    }

    [EngineFact]
    public async Task A_container_of_the_node_whose_labels_cannot_be_read_is_removed()
    {
        var body = new JsonObject { ["Image"] = TestImages.NeverListens, ["Labels"] = new JsonObject { ["instancer.node"] = Node, ["instancer.token"] = "?" } };
        var id = (string)(await Engine.SendAsync(HttpMethod.Post, "containers/create", body))!["Id"]!;
        Assert.Empty(await ListAsync(Runtime));
        Assert.Null(await Engine.InspectAsync(id));
    }

    [EngineFact]
    public async Task A_copy_with_all_labels_of_a_container_is_found_behind_it_and_is_not_usable()
    {
        var backend = await StartedAsync(Request(NewKey(), Template()));
        var labels = (await Engine.InspectAsync(backend.Id))!["Config"]!["Labels"]!.DeepClone();
        var body = new JsonObject { ["Image"] = TestImages.LineServer, ["Labels"] = labels, ["HostConfig"] = new JsonObject { ["NetworkMode"] = "instancer-" + Node } };
        var copy = (string)(await Engine.SendAsync(HttpMethod.Post, "containers/create", body))!["Id"]!;
        await Engine.SendAsync(HttpMethod.Post, $"containers/{copy}/start");

        var found = await ListAsync(NewRuntime());
        Assert.Equal([(backend.Id, true), (copy, false)], found.Select(one => (one.Backend.Id, one.Usable)));
        await StopAsync(found[0].Key);
        Assert.Empty(await Engine.ContainersAsync(NodeLabel));
    }

    [EngineFact]
    public async Task A_paused_container_goes_on_when_it_is_found_or_adopted()
    {
        var request = Request(NewKey(), Template());
        var backend = await StartedAsync(request);
        await PauseAsync();
        Assert.True(Assert.Single(await ListAsync(NewRuntime())).Usable);
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));

        await PauseAsync();
        var adopted = await StartedAsync(request, NewRuntime());
        Assert.Equal(backend.Id, adopted.Id);
        Assert.Equal("2 dlrow", await LineClient.AskAsync(adopted.Address, "world"));

        await PauseAsync();
        await StopAsync(request.Key);

        Task PauseAsync() => Engine.SendAsync(HttpMethod.Post, $"containers/{backend.Id}/pause");
    }

    private static async Task<IReadOnlyList<FoundBackend>> ListAsync(DockerRuntime runtime) =>
        Assert.IsType<ListOutcome.Listed>(await runtime.ListAsync(CancellationToken.None)).Backends;
}
