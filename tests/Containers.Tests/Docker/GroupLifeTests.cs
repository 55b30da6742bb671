using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Several containers as one instance: how they reach each other, start and end.</summary>
public abstract class GroupLifeTests(EngineFixture fixture) : GroupTest(fixture)
{
    [EngineFact]
    public async Task On_every_address_they_reach_each_other_by_name_and_on_the_loopback_and_nobody_elses()
    {
        foreach (var address in new[] { DockerAddress.Bridge, DockerAddress.Published, DockerAddress.Namespace })
        {
            // Podman without a network: whoever joins gets none of the names.
            foreach (var db in OnPodman && address == DockerAddress.Namespace ? new[] { "127.0.0.1" } : ["127.0.0.1", "db"])
            {
                var (one, two) = (Request(NewKey(1), Group(address, db)), Request(NewKey(2), Group(address, db)));
                var (first, second) = (await StartedAsync(one, Capable), await StartedAsync(two, Capable));
                Assert.Equal(one.Port, first.Port);
                Assert.Equal("1 olleh", await LineClient.AskAsync(first.Address, "hello"));
                Assert.Equal("2 dlrow", await LineClient.AskAsync(first.Address, "world"));
                Assert.Equal("1 olleh", await LineClient.AskAsync(second.Address, "hello"));

                Assert.IsType<StopOutcome.Gone>(await Capable.StopAsync(one.Key, first.Id, CancellationToken.None));
                Assert.Equal(2, (await Engine.ContainersAsync(NodeLabel)).Count);
                Assert.Equal("2 dlrow", await LineClient.AskAsync(second.Address, "world"));
                await StopAsync(two.Key);
                await AssertNothingIsLeftAsync();
            }
        }
    }

    [EngineFact]
    public async Task The_one_that_sessions_reach_finds_itself_by_name_too()
    {
        var template = Group() with { Command = Shell("exec nc -ll -p 1337 -e /bin/sh") };
        var key = NewKey();
        var backend = await StartedAsync(Request(key, template));
        Assert.Equal("up", await LineClient.RunAsync(backend.Address, "echo 'echo up' | nc web 1337"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Another_instances_companion_is_out_of_reach()
    {
        if (OnPodman)
        {
            // It keeps nothing apart on a network, one container or several; the log says so.
            return;
        }

        var (one, two) = (NewKey(1), NewKey(2));
        var first = await StartedAsync(Request(one, Group()));
        var template = Group() with { Command = Shell("exec nc -ll -p 1337 -e /bin/sh") };
        var second = await StartedAsync(Request(two, template));
        var ip = ((TcpBackendAddress)first.Address).EndPoint.Address;
        Assert.Equal("1 olleh", await LineClient.AskAsync(first.Address, "hello"));
        Assert.Equal("own\nrefused", await LineClient.RunAsync(second.Address, $"nc -w 2 db 5432 </dev/null && echo own; nc -w 2 {ip} 5432 </dev/null 2>/dev/null || echo refused"));
        await StopAsync(one);
        await StopAsync(two);
    }

    [EngineFact]
    public async Task The_end_of_one_is_the_end_of_the_instance()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Group()));
        await Engine.KillAsync(await IdOfAsync("db"));
        Assert.Equal("container db: " + Killed, (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key, backend.Id);
        await AssertNothingIsLeftAsync();

        backend = await StartedAsync(Request(key, Group()));
        await Engine.KillAsync(backend.Id);
        Assert.Equal(Killed, (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key, backend.Id);
        await AssertNothingIsLeftAsync();
        await StopAsync(key, backend.Id);
    }

    [EngineFact]
    public async Task A_companion_that_ends_before_all_are_ready_is_the_reason_and_nothing_is_left()
    {
        // Before web is made, or while it waits for the other.
        foreach (var wait in new[] { "", "until nc 127.0.0.1 1338 </dev/null; do sleep 0.02; done; " })
        {
            var db = Db with { Command = Shell(wait + "echo cannot open the database >&2; exit 3") };
            var template = Group() with
            {
                Companions = new Dictionary<string, ContainerTemplate> { ["db"] = db },
                Command = Shell("exec nc -ll -p 1338 -e /bin/cat"),
            };
            var failed = await FailedAsync(Request(NewKey(), template));
            Assert.Equal(
                new StartOutcome.Failed(StartFailure.Exited, "container db: exited with status 3 before the instance was ready: cannot open the database"),
                failed);
            await AssertNothingIsLeftAsync();
        }
    }

    [EngineFact]
    public async Task One_that_cannot_be_started_leaves_nothing_of_the_others()
    {
        var missing = new ContainerTemplate { Image = "instancer-test/no-such-image" };
        var second = Group() with { Companions = new Dictionary<string, ContainerTemplate> { ["db"] = Db, ["queue"] = missing } };
        Assert.Equal(
            new StartOutcome.Failed(StartFailure.Rejected, "container queue: image instancer-test/no-such-image is not on the engine"),
            await FailedAsync(Request(NewKey(), second)));
        await AssertNothingIsLeftAsync();

        Assert.Equal(
            new StartOutcome.Failed(StartFailure.Rejected, "image instancer-test/no-such-image is not on the engine"),
            await FailedAsync(Request(NewKey(), Group() with { Image = missing.Image })));
        await AssertNothingIsLeftAsync();

        var died = await FailedAsync(Request(NewKey(), Group() with { Command = Shell("echo no way; exit 4") }));
        Assert.Equal(new StartOutcome.Failed(StartFailure.Exited, "exited with status 4 before it listened: no way"), died);
        await AssertNothingIsLeftAsync();
    }

    [EngineFact]
    public async Task A_start_that_is_given_up_at_any_moment_leaves_nothing_after_its_stop()
    {
        foreach (var milliseconds in new[] { 0, 1, 5, 20, 50, 100, 200, 400, 800 })
        {
            var key = NewKey();
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System);
            var outcome = await Runtime.StartAsync(Request(key, Group() with { Image = TestImages.NeverListens, Command = null }), giveUp.Token);
            Assert.Equal(StartFailure.NotReady, Assert.IsType<StartOutcome.Failed>(outcome).Failure);
            await StopAsync(key);
            await AssertNothingIsLeftAsync();
        }
    }

    [EngineFact]
    public async Task Each_has_its_own_limits_and_variables_and_all_are_hardened()
    {
        var flag = FlagTemplate.Parse("FLAG{{random}}", out _);
        var db = Db with { Pids = 17, Memory = 24 << 20, Environment = new Dictionary<string, string> { ["A"] = "a" }, FlagVariable = "SECRET" };
        var template = Group() with
        {
            Flag = flag,
            Pids = 18,
            Companions = new Dictionary<string, ContainerTemplate> { ["db"] = db, ["queue"] = Db with { Command = Shell("exec sleep 1000000"), Hardening = new() { ReadOnly = false } } },
        };
        var key = NewKey();
        var backend = await StartedAsync(Request(key, template) with { Flag = "the-flag" });
        var (web, dbIs, queue) = (await InspectAsync(backend.Id), await InspectAsync(await IdOfAsync("db")), await InspectAsync(await IdOfAsync("queue")));

        Assert.Equal((18, 32 << 20, true), Limits(web));
        Assert.Equal((17, 24 << 20, true), Limits(dbIs));
        Assert.Equal((128, 32 << 20, false), Limits(queue));
        Assert.Equal((true, true, false), (Has(web, "FLAG=the-flag"), Has(dbIs, "SECRET=the-flag"), Has(queue, "FLAG=the-flag") || Has(queue, "SECRET=the-flag")));
        Assert.Equal((false, true), (Has(web, "A=a"), Has(dbIs, "A=a")));
        foreach (var member in new[] { web, dbIs, queue })
        {
            // No capability, no new privileges, and nobody's rights: as the process has them.
            Assert.Equal("65534:65534", (string)member["Config"]!["User"]!);
            var status = await File.ReadAllLinesAsync($"/proc/{member["State"]!["Pid"]}/status");
            Assert.Contains("CapEff:\t0000000000000000", status);
            Assert.Contains("NoNewPrivs:\t1", status);
            Assert.Contains("Seccomp:\t2", status);
        }

        Assert.Equal(88L << 20, template.TotalMemory);
        await StopAsync(key);

        static bool Has(JsonNode container, string variable) =>
            (container["Config"]!["Env"]?.AsArray() ?? []).Any(one => (string?)one == variable);

        static (int, int, bool) Limits(JsonNode container) => (
            (int)container["HostConfig"]!["PidsLimit"]!, (int)container["HostConfig"]!["Memory"]!, (bool)container["HostConfig"]!["ReadonlyRootfs"]!);
    }

    private async Task<JsonNode> InspectAsync(string id) => (await Engine.InspectAsync(id))!;
}
