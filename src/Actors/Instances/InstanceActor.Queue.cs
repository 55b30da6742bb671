using Instancer.Actors.Connections;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>Before a start: it waits for its turn and for room.</summary>
internal sealed partial class InstanceActor
{
    private void QueueStart()
    {
        if (_waiting.Count == 0)
        {
            Settle();
            return;
        }

        Enter(Phase.Queued);
        WatchQueue();
        _registry.Tell(new RegistryMessage.StartWanted(_key));
    }

    /// <summary>Tells those who wait, each once, what is known of the start.</summary>
    private void TellWaiting(ConnectionMessage.StartAwaited message)
    {
        foreach (var connection in _waiting.TakeUntold())
        {
            connection.Tell(message);
        }
    }

    /// <summary>Keeps the timer of the client that has waited longest for the start to begin.</summary>
    private void WatchQueue()
    {
        if (_phase != Phase.Starting && _waiting.OldestSince is { } since)
        {
            Context.StartTimer(QueueTimer, new InstanceMessage.QueueDeadline(), Wait(since + _scope.QueueTimeout - Uptime));
        }
    }

    private void OnQueueDeadline()
    {
        foreach (var request in _waiting.TakeSince(Uptime - _scope.QueueTimeout))
        {
            _changed = true;
            request.Connection.Tell(new ConnectionMessage.LeaseDenied(
                _failedAt is not null ? $"waited too long for what a failed start left to be removed: {_lastFailure}" : "waited too long for room"));
        }

        WatchQueue();
        OnWaiterGone();
    }
}
