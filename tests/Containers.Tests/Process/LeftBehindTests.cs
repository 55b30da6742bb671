using Instancer.Actors.Instances;
using Instancer.Containers.Linux;
using Instancer.Containers.Process;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;
using OsProcess = System.Diagnostics.Process;

namespace Instancer.Containers.Tests.Process;

/// <summary>What a killed gateway leaves: records on disk, and processes that nobody waits for.</summary>
public sealed class LeftBehindTests : ProcessTest
{
    [BusyboxFact]
    public async Task A_later_runtime_finds_the_process_unusable_and_removes_it()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Echo()));

        var later = NewRuntime();
        var found = Assert.Single(Assert.IsType<ListOutcome.Listed>(await later.ListAsync(CancellationToken.None)).Backends);
        Assert.Equal(key, found.Key);
        Assert.Equal(Echo().SpecHash, found.SpecHash);
        Assert.False(found.Usable);
        Assert.Equal(backend.Port, found.Backend.Port);

        Assert.IsType<StopOutcome.Gone>(await later.StopAsync(found.Key, found.Backend.Id, CancellationToken.None));
        Assert.Empty(MarkedWith(backend.Id));
        Assert.Empty(Directory.GetFiles(Records));
    }

    [BusyboxFact]
    public async Task A_later_start_under_the_same_key_replaces_it()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Echo()));

        var later = NewRuntime();
        var next = BackendOf(await later.StartAsync(Request(key, Echo()), CancellationToken.None));
        Assert.NotEqual(backend.Id, next.Id);
        Assert.Empty(MarkedWith(backend.Id));
        Assert.IsType<StopOutcome.Gone>(await later.StopAsync(key, null, CancellationToken.None));
    }

    [BusyboxFact]
    public async Task Children_whose_leader_has_ended_are_removed()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Shell("sleep 100000 & exec busybox nc -ll -p {port} -e /bin/cat")));
        // As if the runtime that would have noticed the leader's end had been killed: the record outlives it, the child too.
        var record = (File: Directory.GetFiles(Records, "*.pid").Single(), Json: Directory.GetFiles(Records, "*.json").Single());
        var line = await File.ReadAllTextAsync(record.File);
        Assert.True(ProcessTable.TryParse(line, out var leader));
        await File.WriteAllTextAsync(record.File, line.Replace($" {leader.StartTime} ", " 1 ", StringComparison.Ordinal));

        await NewRuntime().StopAsync(key, null, CancellationToken.None);
        Assert.Empty(MarkedWith(backend.Id));
    }

    [BusyboxFact]
    public async Task A_process_that_was_cut_off_before_it_wrote_its_id_down_is_found_by_its_mark()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Echo()));
        File.Delete(Directory.GetFiles(Records, "*.pid").Single());

        await NewRuntime().StopAsync(key, null, CancellationToken.None);
        Assert.Empty(MarkedWith(backend.Id));
    }

    [BusyboxFact]
    public async Task A_process_id_that_is_somebody_elses_by_now_is_left_alone()
    {
        using var stranger = OsProcess.Start("setsid", ["sleep", "100000"]);
        try
        {
            var stat = ProcessTable.Find(stranger.Id)!.Value;
            var earlier = new ProcessIdentity(stat.Id, stat.StartTime - 1);
            var sameStart = new ProcessIdentity(stat.Id, stat.StartTime);
            await RemoveAsync(Record(ProcessTable.BootId), earlier);
            await RemoveAsync(Record("another boot"), sameStart);
            Assert.False(stranger.HasExited);

            // The counterpart: with everything right it is the one that is meant.
            await RemoveAsync(Record(ProcessTable.BootId), sameStart);
            await stranger.WaitForExitAsync().WaitAsync(Until.Deadline);
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_removed_and_the_others_count()
    {
        Directory.CreateDirectory(Records);
        string[] bad = ["not json", "{}", "null", """{"Id":"d","Key":"no key","Spec":"","Port":1,"Created":"2026-01-01T00:00:00Z","Boot":"","HasGroup":true}"""];
        for (var i = 0; i < bad.Length; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(Records, (char)('a' + i) + ".json"), bad[i]);
        }

        await File.WriteAllTextAsync(Path.Combine(Records, "a.pid"), "1\n");
        await File.WriteAllTextAsync(Path.Combine(Records, "e.json.new"), "{\"Id\":");
        var key = NewKey();
        await File.WriteAllTextAsync(
            Path.Combine(Records, "f.json"),
            $$"""{"Id":"f","Key":"{{key}}","Spec":"s","Port":1,"Created":"2026-01-01T00:00:00Z","Boot":"another","HasGroup":true}""");

        var listed = Assert.IsType<ListOutcome.Listed>(await Runtime.ListAsync(CancellationToken.None));
        Assert.Equal(key, Assert.Single(listed.Backends).Key);
        Assert.Equal(["f.json"], Directory.GetFiles(Records).Select(Path.GetFileName));
        await StopAsync(key);
    }

    [BusyboxFact]
    public async Task The_records_are_for_this_user_only()
    {
        var key = NewKey();
        await StartedAsync(Request(key, Echo()));
#pragma warning disable CA1416 // the attribute asks for Linux
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Records));
#pragma warning restore CA1416
        await StopAsync(key);
    }

    private static ProcessRecord Record(string boot) =>
        new(Guid.NewGuid().ToString("N"), NewKey().ToString(), "spec", 1, TimeProvider.System.GetUtcNow(), boot, HasGroup: true);

    private static async Task RemoveAsync(ProcessRecord record, ProcessIdentity identity)
    {
        using var deadline = new CancellationTokenSource(Until.Deadline, TimeProvider.System);
        await BackendProcess.LeftBehind(NewKey(), record, identity).RemoveAsync(TimeProvider.System, deadline.Token);
    }
}
