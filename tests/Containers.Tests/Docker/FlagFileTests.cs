using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>A flag in a file: there from the first moment, for the server to read and for nobody to write, and gone with the container.</summary>
public abstract class FlagFileTests(EngineFixture fixture) : EngineTest(fixture)
{
    [EngineFact]
    public async Task Each_container_finds_its_own_flag_and_nobody_can_write_it()
    {
        var tries = "(echo guess >$0 && echo written || rm $0 && echo removed) 2>/dev/null; exec nc -ll -p 1337 -e /bin/cat $0";
        foreach (var path in new[] { "/flag.txt", "/home/ctf/deep/flag", "/tmp/flag", "/session" })
        {
            var (key, other) = (NewKey(), NewKey());
            var template = Template() with { FlagFile = path, FlagVariable = null, Command = ["/bin/sh", "-c", tries, path] };
            var first = await StartedAsync(Request(key, template) with { Flag = "FLAG{first}" });
            var second = await StartedAsync(Request(other, template) with { Flag = "FLAG{second}" });
            Assert.Equal("FLAG{first}", await LineClient.AskAsync(first.Address, ""));
            Assert.Equal("FLAG{second}", await LineClient.AskAsync(second.Address, ""));
            Assert.DoesNotContain("FLAG{", (await Engine.InspectAsync(first.Id))!.ToJsonString(), StringComparison.Ordinal);
            await UntilNothingIsLeftAsync();

            // What the engine had it in is gone, and the container has it all the same.
            Assert.Equal("FLAG{first}", await LineClient.AskAsync(first.Address, ""));
            await StopAsync(key);
            await StopAsync(other);
        }
    }

    [EngineFact]
    public async Task A_start_that_fails_leaves_none()
    {
        var key = NewKey();
        var request = Request(key, Template() with { FlagFile = "/flag.txt", Command = ["/no/such/program"] }) with { Flag = "FLAG{first}" };
        Assert.Equal(StartFailure.Exited, (await FailedAsync(request)).Failure);
        await StopAsync(key);
        await UntilNothingIsLeftAsync();
        Assert.Equal(StartFailure.Rejected, (await FailedAsync(request with { Template = Template("instancer-test/no-such") with { FlagFile = "/flag.txt" } })).Failure);
        await StopAsync(key);
        await UntilNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task What_an_earlier_process_left_is_swept_and_what_a_start_needs_is_not()
    {
        var labels = new JsonObject { ["instancer.flags"] = Node };
        var name = "instancer-flag-" + Node;
        await Engine.SendAsync(HttpMethod.Post, "volumes/create", new JsonObject { ["Name"] = name, ["Labels"] = labels.DeepClone() });
        await Engine.SendAsync(
            HttpMethod.Post, "containers/create?name=" + name, new JsonObject { ["Image"] = TestImages.LineServer, ["Labels"] = labels });
        Assert.Equal(2, await LeftAsync());

        var key = NewKey();
        var starting = StartedAsync(Request(key, Template() with { FlagFile = "/flag.txt" }) with { Flag = "FLAG{first}" });
        do
        {
            Assert.IsType<ListOutcome.Listed>(await Runtime.ListAsync(CancellationToken.None));
        }
        while (!starting.IsCompleted);

        Assert.Equal("1 olleh", await LineClient.AskAsync((await starting).Address, "hello"));
        await UntilNothingIsLeftAsync();
        await StopAsync(key);
    }

    private Task UntilNothingIsLeftAsync() => Until.TrueAsync(async () => await LeftAsync() == 0, stated: "no volume and no container of a flag's is left");

    private async Task<int> LeftAsync()
    {
        var label = $"instancer.flags={Node}";
        var volumes = await Engine.SendAsync(HttpMethod.Get, "volumes?filters=" + Uri.EscapeDataString(new JsonObject { ["label"] = new JsonArray(label) }.ToJsonString()));
        return (volumes!["Volumes"] as JsonArray ?? []).Count + (await Engine.ContainersAsync(label)).Count;
    }
}
