using Instancer.Cluster.Membership;

namespace Instancer.Cluster;

/// <summary>Passes on what becomes of the node's place.</summary>
internal sealed class PlaceEvents(Action<string> lost, ClusterMetrics metrics) : IPlaceWatcher
{
    private readonly TaskCompletionSource<string> _refusal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // Who waits for it goes on where it is set: in a simulation on the one thread that there is.
    private readonly TaskCompletionSource _departure = new();
    private bool _hasJoined;

    public Task<string> Refusal => _refusal.Task;

    public Task Departure => _departure.Task;

    public void Joined(Place place) => _hasJoined = true;

    public void Lost(Place place, string? reason)
    {
        if (reason is not null)
        {
            metrics.Fenced();
            lost(reason);
        }
    }

    public void Refused(string reason)
    {
        if (!_hasJoined)
        {
            _refusal.TrySetResult(reason);
        }
    }

    public void Left() => _departure.TrySetResult();
}
