using System.Net;
using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.Bench.Actors;

/// <summary>A runtime on which so many backends run from the start, and which does at once what it is asked.</summary>
internal sealed class FullRuntime(IReadOnlyList<InstanceKey> keys) : IInstanceRuntime
{
    private static readonly TaskCompletionSource<BackendExit> Never = new();

    public string Name => "full";

    public bool SurvivesRestart => true;

    public bool NeedsPort(InstanceTemplate template) => false;

    public Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken)
        => Task.FromResult<StartOutcome>(new StartOutcome.Started(BackendOf(request.Key, 0)));

    public Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
        => Task.FromResult<TakeOutcome>(new TakeOutcome.Taken());

    public Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
        => Task.FromResult<StopOutcome>(new StopOutcome.Gone());

    public Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
        => Task.FromResult<ListOutcome>(new ListOutcome.Listed(
            [.. keys.Select(key => new FoundBackend(key, BackendOf(key, AgeOf(key)), Template.Instance.SpecHash, Usable: true))]));

    /// <summary>Up to 17 minutes, in no order.</summary>
    private static int AgeOf(InstanceKey key) => key.Token.GetHashCode() & 0xFFFFF;

    private static Backend BackendOf(InstanceKey key, int age) => new()
    {
        Id = key.ToShortString(),
        Address = new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, 1)),
        CreatedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromMilliseconds(age),
        Exited = Never.Task,
    };

    internal sealed record Template : InstanceTemplate
    {
        public static Template Instance { get; } = new() { Memory = 1 };

        public override string SpecHash => "full";
    }
}
