using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Linux;
using Instancer.Containers.Process;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Process;

/// <summary>A process runtime with a state directory of the test's own; at the end nothing of it may be left.</summary>
public abstract class ProcessTest : IAsyncLifetime
{
    protected string State { get; } = Path.Combine(Path.GetTempPath(), "instancer-process-test-" + Guid.NewGuid().ToString("N")[..8]);

    protected ProcessRuntime Runtime { get; }

    protected string Records => Path.Combine(State, "processes");

    protected ProcessTest() => Runtime = NewRuntime();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // By a runtime that knows nothing but the records.
        var listed = Assert.IsType<ListOutcome.Listed>(await NewRuntime().ListAsync(CancellationToken.None));
        foreach (var found in listed.Backends)
        {
            await Runtime.StopAsync(found.Key, null, CancellationToken.None);
        }

        if (Directory.Exists(State))
        {
            Directory.Delete(State, recursive: true);
        }

        Assert.Empty(listed.Backends);
    }

    protected ProcessRuntime NewRuntime() => new(
        new ProcessRuntimeOptions { StateDirectory = State, SelfCommand = ["/bin/sh", "-c"] },
        TimeProvider.System,
        NullLogger<ProcessRuntime>.Instance);

    protected static InstanceKey NewKey() => new("dev", TokenHash.Random(), 1);

    protected static ProcessTemplate Echo() => Busybox("nc", "-ll", "-p", "{port}", "-e", "/bin/cat");

    protected static ProcessTemplate Busybox(params string[] arguments) => new() { Command = ["busybox", .. arguments] };

    protected static ProcessTemplate Shell(string script) => new() { Command = ["/bin/sh", "-c", script] };

    protected static StartRequest Request(InstanceKey key, ProcessTemplate template, int? port = null) =>
        new(key, template, port ?? LineClient.FreePort());

    protected async Task<Backend> StartedAsync(StartRequest request)
    {
        using var deadline = new CancellationTokenSource(Until.Deadline, TimeProvider.System);
        return BackendOf(await Runtime.StartAsync(request, deadline.Token));
    }

    protected static Backend BackendOf(StartOutcome outcome) => outcome switch
    {
        StartOutcome.Started started => started.Backend,
        StartOutcome.Failed failed => throw new InvalidOperationException($"{failed.Failure}: {failed.Reason}"),
        _ => throw new InvalidOperationException($"No such outcome: {outcome}."),
    };

    protected async Task<StartOutcome.Failed> FailedAsync(StartRequest request, TimeSpan? deadline = null)
    {
        using var longest = new CancellationTokenSource(deadline ?? Until.Deadline, TimeProvider.System);
        return Assert.IsType<StartOutcome.Failed>(await Runtime.StartAsync(request, longest.Token));
    }

    protected async Task StopAsync(InstanceKey key, string? backendId = null)
    {
        using var deadline = new CancellationTokenSource(Until.Deadline, TimeProvider.System);
        Assert.IsType<StopOutcome.Gone>(await Runtime.StopAsync(key, backendId, deadline.Token));
    }

    internal static List<ProcessStat> MarkedWith(string backendId) =>
        [.. ProcessTable.All().Where(process => ProcessTable.HasVariable(process.Id, ProcessRecord.Marker, backendId))];
}
