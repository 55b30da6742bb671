using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>What a next process makes of instances of several containers, whole or not.</summary>
public abstract class GroupAdoptionTests(EngineFixture fixture) : GroupTest(fixture)
{
    [EngineFact]
    public async Task The_next_process_finds_a_whole_one_sees_any_end_and_removes_all()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published, DockerAddress.Namespace })
        {
            var request = Request(NewKey(), Group(address, "127.0.0.1"));
            var backend = await StartedAsync(request, Capable);
            var next = NewRuntime(namespaceObstacle: null);
            var found = Assert.Single(await ListAsync(next));
            Assert.True(found.Usable);
            Assert.Equal(
                (request.Key, request.Template.SpecHash, backend.Id, backend.Address, backend.Port),
                (found.Key, found.SpecHash, found.Backend.Id, found.Backend.Address, found.Backend.Port));
            Assert.Equal("1 olleh", await LineClient.AskAsync(found.Backend.Address, "hello"));

            // A start comes upon it, and makes nothing.
            var adopted = await StartedAsync(request, NewRuntime(namespaceObstacle: null));
            Assert.Equal((backend.Id, backend.Address), (adopted.Id, adopted.Address));
            Assert.Equal(2, (await Engine.ContainersAsync(NodeLabel)).Count);

            await Engine.KillAsync(await IdOfAsync("db"));
            foreach (var one in new[] { backend, found.Backend, adopted })
            {
                Assert.Equal("container db: " + Killed, (await one.Exited.WaitAsync(Until.Deadline)).Reason);
            }

            Assert.IsType<StopOutcome.Gone>(await next.StopAsync(request.Key, backend.Id, CancellationToken.None));
            await AssertNothingIsLeftAsync();
        }
    }

    [EngineFact]
    public async Task One_that_lacks_a_member_or_has_one_that_ended_or_one_too_many_is_not_usable_and_goes_whole()
    {
        Func<string, Task>[] harms = [id => Engine.KillAsync(id), CopyAsync, OnPodman ? id => Engine.KillAsync(id) : Engine.RemoveAsync];
        foreach (var harm in harms)
        {
            var key = NewKey();
            var backend = await StartedAsync(Request(key, Group()));
            await harm(await IdOfAsync("db"));
            var next = NewRuntime();
            var found = Assert.Single(await ListAsync(next));
            Assert.Equal((key, backend.Id, false), (found.Key, found.Backend.Id, found.Usable));
            Assert.IsType<StopOutcome.Gone>(await next.StopAsync(key, found.Backend.Id, CancellationToken.None));
            await AssertNothingIsLeftAsync();

            // A start does not adopt it either.
            var second = await StartedAsync(Request(key, Group()));
            await harm(await IdOfAsync("db"));
            var third = await StartedAsync(Request(key, Group()), NewRuntime());
            Assert.NotEqual(second.Id, third.Id);
            Assert.Equal(2, (await Engine.ContainersAsync(NodeLabel)).Count);
            await StopAsync(key);
            await AssertNothingIsLeftAsync();
        }

        async Task CopyAsync(string id)
        {
            var labels = (await Engine.InspectAsync(id))!["Config"]!["Labels"]!.DeepClone();
            await Engine.SendAsync(HttpMethod.Post, "containers/create", new JsonObject { ["Image"] = TestImages.LineServer, ["Labels"] = labels });
        }
    }

    [EngineFact]
    public async Task A_copy_of_the_one_that_sessions_reach_takes_nothing_along_when_it_goes()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Group()));
        var labels = (await Engine.InspectAsync(backend.Id))!["Config"]!["Labels"]!.DeepClone();
        var copy = (string)(await Engine.SendAsync(
            HttpMethod.Post, "containers/create", new JsonObject { ["Image"] = TestImages.LineServer, ["Labels"] = labels }))!["Id"]!;

        var next = NewRuntime();
        Assert.Equal([(backend.Id, true), (copy, false)], (await ListAsync(next)).Select(one => (one.Backend.Id, one.Usable)));
        Assert.IsType<StopOutcome.Gone>(await next.StopAsync(key, copy, CancellationToken.None));
        Assert.Equal("1 olleh", await LineClient.AskAsync(backend.Address, "hello"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Companions_without_the_one_that_sessions_reach_are_removed_by_a_listing_and_by_a_start()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Group()));
        await Engine.RemoveAsync(backend.Id);
        Assert.Empty(await ListAsync(NewRuntime()));
        await AssertNothingIsLeftAsync();
        await StopAsync(key, backend.Id);

        // By whoever has started them too.
        backend = await StartedAsync(Request(key, Group()));
        await Engine.RemoveAsync(backend.Id);
        Assert.Empty(await ListAsync(Runtime));
        await AssertNothingIsLeftAsync();

        backend = await StartedAsync(Request(key, Group()));
        await Engine.RemoveAsync(backend.Id);
        await StartedAsync(Request(key, Group()), NewRuntime());
        Assert.Equal(2, (await Engine.ContainersAsync(NodeLabel)).Count);
        await StopAsync(key);
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task Another_template_replaces_all_of_it()
    {
        var key = NewKey();
        var first = await StartedAsync(Request(key, Group()));
        var other = Group() with { Companions = new Dictionary<string, ContainerTemplate> { ["db"] = Db with { Pids = 50 } } };
        var second = await StartedAsync(Request(key, other));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(2, (await Engine.ContainersAsync(NodeLabel)).Count);

        // One container in place of several, and back.
        Assert.NotEqual(second.Id, (await StartedAsync(Request(key, Template()))).Id);
        Assert.Single(await Engine.ContainersAsync(NodeLabel));
        await StartedAsync(Request(key, other));
        await StopAsync(key);
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task A_spare_is_taken_found_under_its_takers_key_and_removed_with_its_companions()
    {
        foreach (var byId in new[] { true, false })
        {
            var (stand, key) = (NewKey(0), NewKey(7));
            var spare = await StartedAsync(Request(stand, Group()) with { IsSpare = true });
            Assert.True(Assert.Single(await ListAsync(NewRuntime())) is { IsSpare: true, Usable: true });
            Assert.IsType<TakeOutcome.Taken>(await Runtime.TakeAsync(new TakeRequest(key, Group(), stand, spare), CancellationToken.None));
            Assert.Equal("1 olleh", await LineClient.AskAsync(spare.Address, "hello"));

            var next = NewRuntime();
            var found = Assert.Single(await ListAsync(next));
            Assert.True(found is { IsSpare: false, Usable: true } && found.Key == key && found.Backend.Id == spare.Id);

            // A start for the key, by a process that knows nothing, comes upon it, and leaves nothing of its own.
            Assert.Equal(spare.Id, (await StartedAsync(Request(key, Group()), NewRuntime())).Id);
            Assert.Equal(2, (await Engine.ContainersAsync(NodeLabel)).Count);
            Assert.IsType<StopOutcome.Gone>(await NewRuntimeThatKnows(byId, next).StopAsync(key, byId ? spare.Id : null, CancellationToken.None));
            await AssertNothingIsLeftAsync();
        }

        // By the key everything is found by a process that knows nothing.
        DockerRuntime NewRuntimeThatKnows(bool byId, DockerRuntime next) => byId ? next : NewRuntime();
    }

    [EngineFact]
    public async Task A_spares_stand_in_may_be_asked_to_go_by_its_key()
    {
        var stand = NewKey(0);
        await StartedAsync(Request(stand, Group()) with { IsSpare = true });
        await StopAsync(stand);
        await AssertNothingIsLeftAsync();
    }
}
