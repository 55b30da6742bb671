using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Instances;
using Instancer.Containers.Linux;
using Instancer.Containers.Process;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;

namespace Instancer.Containers.Tests.Process;

public sealed class ProcessLifeCycleTests : ProcessTest
{
    [BusyboxFact]
    public async Task A_process_is_started_reached_and_removed()
    {
        var key = NewKey();
        var request = Request(key, Echo());
        var backend = await StartedAsync(request);

        Assert.Equal(request.Port, backend.Port);
        Assert.Equal($"127.0.0.1:{request.Port}", backend.Address.ToString());
        Assert.Equal("hello", await LineClient.AskAsync(backend.Address, "hello"));
        Assert.False(backend.Exited.IsCompleted);
        Assert.Single(Assert.IsType<ListOutcome.Listed>(await Runtime.ListAsync(CancellationToken.None)).Backends, found => found.Usable);

        await StopAsync(key, backend.Id);
        Assert.Equal("killed by signal 9", (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        Assert.Empty(Directory.GetFiles(Records));
        await StopAsync(key, backend.Id);
    }

    [BusyboxFact]
    public async Task A_spare_becomes_a_keys_process_once()
    {
        var (stand, key) = (NewKey(), NewKey());
        var spare = await StartedAsync(Request(stand, Echo()) with { IsSpare = true });
        Assert.True(Assert.Single(await ListAsync()) is { IsSpare: true } before && before.Key == stand);

        var request = new TakeRequest(key, Echo(), stand, spare);
        Assert.IsType<TakeOutcome.Taken>(await Runtime.TakeAsync(request, CancellationToken.None));
        Assert.True(Assert.Single(await ListAsync()) is { IsSpare: false } after && after.Key == key && after.Backend.Id == spare.Id);

        Assert.Equal("the key has a process already", Assert.IsType<TakeOutcome.Failed>(await Runtime.TakeAsync(request, CancellationToken.None)).Reason);
        await StopAsync(key);
        Assert.Empty(await ListAsync());
        Assert.Equal("it is gone", Assert.IsType<TakeOutcome.Failed>(await Runtime.TakeAsync(request, CancellationToken.None)).Reason);
    }

    private async Task<IReadOnlyList<FoundBackend>> ListAsync() =>
        Assert.IsType<ListOutcome.Listed>(await Runtime.ListAsync(CancellationToken.None)).Backends;

    [BusyboxFact]
    public async Task A_stop_takes_children_and_orphaned_grandchildren_along()
    {
        var key = NewKey();
        // One grandchild whose parent has ended, one child, and the server in the foreground.
        var backend = await StartedAsync(Request(key, Shell(
            "(sleep 100000 &) ; sleep 100000 & exec busybox nc -ll -p {port} -e /bin/cat")));
        // The server's child for the probe's connection goes by itself.
        await Until.TrueAsync(() => MarkedWith(backend.Id).Count == 3);

        await StopAsync(key);
        Assert.Empty(MarkedWith(backend.Id));
    }

    [BusyboxFact]
    public async Task What_a_command_that_ends_leaves_running_is_removed_too()
    {
        var key = NewKey();
        var template = Shell("sleep 100000 & exit 3") with { Environment = new Dictionary<string, string> { ["INSTANCER_TEST_KEY"] = key.ToString() } };
        var failed = await FailedAsync(Request(key, template));
        Assert.Equal(StartFailure.Exited, failed.Failure);
        Assert.StartsWith("exited with status 3 before it listened on port ", failed.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(
            ProcessTable.All(),
            process => ProcessTable.HasVariable(process.Id, "INSTANCER_TEST_KEY", key.ToString()));
        Assert.Empty(Directory.GetFiles(Records));
    }

    [BusyboxFact]
    public async Task A_command_that_never_listens_is_given_up_with_the_port_named()
    {
        var key = NewKey();
        var request = Request(key, Busybox("sleep", "100000"));
        var failed = await FailedAsync(request, TimeSpan.FromMilliseconds(300));
        Assert.Equal(StartFailure.NotReady, failed.Failure);
        Assert.StartsWith($"nothing listened on port {request.Port} within 0.", failed.Reason, StringComparison.Ordinal);
        await StopAsync(key);
    }

    [BusyboxFact]
    public async Task A_port_that_somebody_listens_on_is_reported_as_taken()
    {
        foreach (var address in new[] { IPAddress.Loopback, IPAddress.Any, IPAddress.IPv6Any })
        {
            using var stranger = new TcpListener(address, 0);
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                stranger.Server.DualMode = true;
            }

            stranger.Start();
            var failed = await FailedAsync(Request(NewKey(), Echo(), ((IPEndPoint)stranger.LocalEndpoint).Port));
            Assert.Equal(StartFailure.PortTaken, failed.Failure);
        }
    }

    [BusyboxFact]
    public async Task A_stranger_who_takes_the_port_meanwhile_is_not_mistaken_for_the_backend()
    {
        var key = NewKey();
        var request = Request(key, Shell("while [ ! -e go ]; do sleep 0.01; done; exit 1") with { WorkingDirectory = Directory.CreateDirectory(State).FullName });
        using var deadline = new CancellationTokenSource(Until.Deadline, TimeProvider.System);
        var starting = Runtime.StartAsync(request, deadline.Token);
        await Until.TrueAsync(() => Directory.Exists(Records) && Directory.GetFiles(Records, "*.pid").Length == 1);

        using var stranger = new TcpListener(IPAddress.Loopback, request.Port!.Value);
        stranger.Start();
        // The probe comes, and is not satisfied.
        using (await stranger.AcceptSocketAsync(deadline.Token))
        using (await stranger.AcceptSocketAsync(deadline.Token))
        {
            Assert.False(starting.IsCompleted);
        }

        await File.WriteAllTextAsync(Path.Combine(State, "go"), "");
        var failed = Assert.IsType<StartOutcome.Failed>(await starting);
        Assert.Equal(StartFailure.PortTaken, failed.Failure);
    }

    [Theory]
    [InlineData("no-such-command-anywhere", "there is no command no-such-command-anywhere")]
    [InlineData("/etc/passwd", "the command /etc/passwd is not executable")]
    public async Task A_command_that_cannot_be_run_is_rejected_by_name(string command, string reason)
    {
        var failed = await FailedAsync(Request(NewKey(), new ProcessTemplate { Command = [command] }));
        Assert.Equal(new StartOutcome.Failed(StartFailure.Rejected, reason), failed);
        Assert.False(Directory.Exists(Records));
    }

    [BusyboxFact]
    public async Task An_exit_is_reported()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Shell("trap 'exit 7' USR1; busybox nc -ll -p {port} -e /bin/cat & while :; do sleep 0.05; done")));
        var leader = MarkedWith(backend.Id).Single(process => process.Id == process.Group);
        using var kill = System.Diagnostics.Process.Start("kill", ["-USR1", leader.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

        Assert.Equal("exited with status 7", (await backend.Exited.WaitAsync(Until.Deadline)).Reason);
        await StopAsync(key);
        Assert.Empty(MarkedWith(backend.Id));
    }

    [BusyboxFact]
    public async Task A_command_that_writes_without_end_is_not_held_up()
    {
        var key = NewKey();
        var backend = await StartedAsync(Request(key, Shell(
            "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; exec busybox nc -ll -p {port} -e /bin/cat")));
        Assert.Equal("hello", await LineClient.AskAsync(backend.Address, "hello"));
        await StopAsync(key);
    }

    [BusyboxFact]
    public async Task The_placeholder_is_filled_in_and_the_first_word_may_mean_this_executable()
    {
        var key = NewKey();
        var template = new ProcessTemplate
        {
            Command = ["instancer", "exec busybox nc -ll -p $TOLD -e /bin/cat"],
            Environment = new Dictionary<string, string> { ["TOLD"] = "{port}" },
        };
        var backend = await StartedAsync(Request(key, template));
        Assert.Equal("hello", await LineClient.AskAsync(backend.Address, "hello"));
        await StopAsync(key);
    }

    [BusyboxFact]
    public async Task A_start_is_adopted_when_it_matches_and_replaced_when_it_does_not()
    {
        var key = NewKey();
        var first = await StartedAsync(Request(key, Echo()));
        Assert.Same(first, await StartedAsync(Request(key, Echo())));

        var other = await StartedAsync(Request(key, Echo() with { WorkingDirectory = "/" }));
        Assert.NotEqual(first.Id, other.Id);
        Assert.Empty(MarkedWith(first.Id));
        await StopAsync(key);
    }

    [BusyboxFact]
    public async Task Fifty_starts_and_stops_at_once_leave_nothing()
    {
        var keys = Enumerable.Range(0, 50).Select(_ => NewKey()).ToList();
        var ports = new Queue<int>(Enumerable.Range(0, 200).Select(_ => LineClient.FreePort()).Distinct().Take(50));
        var starts = keys.Select(key => StartedAsync(Request(key, Echo(), ports.Dequeue()))).ToList();
        var backends = await Task.WhenAll(starts);
        await Task.WhenAll(keys.Select(key => StopAsync(key)));
        Assert.All(backends, backend => Assert.Empty(MarkedWith(backend.Id)));
    }
}
