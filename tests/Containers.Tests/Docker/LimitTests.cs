using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>What happens at a container's limits, and what the engine says to options that it cannot follow.</summary>
public abstract class LimitTests(EngineFixture fixture) : EngineTest(fixture)
{
    private const string Hog = "dd if=/dev/zero of=/dev/null bs=64M";

    [EngineFact]
    public async Task A_fork_bomb_ends_at_the_limit_and_its_container_goes_as_any_other()
    {
        const int limit = 30;
        var (bombed, beside) = (NewKey(1), NewKey(2));
        var template = Template() with { Command = ["/bin/nc", "-ll", "-p", "1337", "-e", "/bin/sh"], Pids = limit, Cpus = 0.5 };
        var backend = await StartedAsync(Request(bombed, template));
        var neighbour = await StartedAsync(Request(beside, Template()));
        // Each process of the bomb becomes three; those that can do so no more sleep. Then the shell itself goes on until it cannot fork.
        const string bomb = "bomb() { bomb & bomb & sleep 1000000; }; (exec </dev/null >/dev/null 2>&1; bomb) &";
        var said = await LineClient.RunAsync(backend.Address, bomb + "\nwhile :; do sleep 1000000 </dev/null >/dev/null 2>&1 & done");
        Assert.EndsWith("can't fork: Resource temporarily unavailable", said, StringComparison.Ordinal);
        Assert.InRange(await ProcessesAsync(backend.Id), limit / 2, limit);
        Assert.Equal("1 olleh", await LineClient.AskAsync(neighbour.Address, "hello"));

        await StopAsync(bombed);
        await StopAsync(beside);
        Assert.Empty(await Engine.ContainersAsync(NodeLabel));
        Assert.Empty(ProcessesOf(backend.Id));
    }

    [EngineFact]
    public async Task A_server_that_takes_too_much_memory_is_killed_and_the_reason_says_so()
    {
        var key = NewKey();
        // The listening process itself becomes the session's shell, and that the hog.
        var template = Template() with { Command = ["/bin/nc", "-l", "-p", "1337", "-e", "/bin/sh"], Memory = 16 << 20 };
        var backend = await StartedAsync(Request(key, template));
        await LineClient.RunAsync(backend.Address, $"exec busybox {Hog}");
        Assert.Matches(OutOfMemory, (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key);
    }

    [EngineFact]
    public async Task A_server_that_takes_too_much_memory_before_it_listens_is_reported_as_such()
    {
        foreach (var init in new[] { true, false })
        {
            var template = Template() with { Command = ["/bin/busybox", .. Hog.Split(' ')], Memory = 16 << 20, Hardening = new() { Init = init } };
            var failed = await FailedAsync(Request(NewKey(), template));
            Assert.True(failed.Failure == StartFailure.Exited, failed.ToString());
            Assert.Matches(OutOfMemory + " before it listened", failed.Reason);
            Assert.Empty(await Engine.ContainersAsync(NodeLabel));
        }
    }

    [EngineFact]
    public async Task What_the_engine_cannot_follow_is_rejected_in_one_line_and_nothing_is_left()
    {
        (DockerTemplate Template, string Named)[] wrong =
        [
            (Template() with { Memory = 1 << 20 }, "memory"),
            (Template() with { Hardening = new() { ContainerRuntime = "no-such-runtime" } }, "no-such-runtime"),
            (Template() with { Hardening = new() { User = "root", Capabilities = ["NO_SUCH_CAPABILITY"] } }, "NO_SUCH_CAPABILITY"),
            (Template() with { Hardening = new() { User = "no-such-user" } }, "no-such-user"),
            (Template() with { Hardening = new() { User = "4294967296" } }, "uid"),
            (Template() with { Hardening = new() { Seccomp = new("p", """{ "defaultAction": "NO_SUCH_ACTION" }""") } }, OnPodman ? "seccomp" : "NO_SUCH_ACTION"),
            (Template() with { Hardening = new() { Seccomp = new("p", "{") } }, "seccomp"),
        ];
        foreach (var (template, named) in wrong)
        {
            var failed = await FailedAsync(Request(NewKey(), template));
            Assert.Equal(StartFailure.Rejected, failed.Failure);
            Assert.Contains(named, failed.Reason, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain('\n', failed.Reason);
            Assert.Empty(await Engine.ContainersAsync(NodeLabel));
        }
    }

    private async Task<long> ProcessesAsync(string container)
    {
        var stats = await Engine.SendAsync(HttpMethod.Get, $"containers/{container}/stats?stream=false&one-shot=true");
        return (long?)(stats?["pids_stats"] as JsonObject)?["current"] ?? 0;
    }

    private static IEnumerable<string> ProcessesOf(string container) => Directory.EnumerateDirectories("/proc")
        .Where(directory => char.IsAsciiDigit(Path.GetFileName(directory)[0]))
        .Where(directory => CgroupsOf(directory).Contains(container, StringComparison.Ordinal));

    private static string CgroupsOf(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cgroup"));
        }
        catch (IOException)
        {
            // It has ended.
            return "";
        }
    }
}
