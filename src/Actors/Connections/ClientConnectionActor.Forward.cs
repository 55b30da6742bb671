using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>What another node is to serve is passed on to it, as soon as it is known which.</summary>
internal sealed partial class ClientConnectionActor
{
    private const string AskAgain = "ask again";

    /// <summary>How long to wait before it is asked again who owns a key that the one asked did not have, or did not answer for; twice as long each time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private TimeSpan? _patienceEnds;
    private TimeSpan _pause = FirstPause;

    protected override void OnElsewhere(ConnectionMessage.LeaseElsewhere elsewhere)
    {
        if (_scope.Cluster is not { } cluster)
        {
            Close("denied", elsewhere.Reason);
            return;
        }

        Now = Phase.Forward;
        _request = _request! with { IsAgain = _request.IsAgain || !elsewhere.IsUntouched };
        WatchForReset();
        if (elsewhere.Node is { } node)
        {
            var request = new ForwardRequest(_request.Key, _request.Client, _socket.RemoteAddress);
            Context.PipeToSelf(
                cluster.Forwarder.ForwardAsync(node, request, Stopped), outcome => new ConnectionMessage.Forwarded(outcome));
        }
        else
        {
            // It has waited for that answer already: without a place it takes as long as one lasts.
            OnMoved(elsewhere.Reason, since: _askedAt);
        }
    }

    private void OnForwarded(ForwardOutcome outcome)
    {
        _scope.Metrics.ForwardedOut(_scope.Challenge.Name, outcome);
        switch (outcome)
        {
            case ForwardOutcome.Accepted accepted:
                Relay(accepted.Socket);
                break;
            case ForwardOutcome.Refused refused:
                Close("denied", refused.Reason);
                break;
            case ForwardOutcome.Moved moved:
                _request = _request! with { StaysHere = true };
                OnMoved(moved.Reason, since: Context.Time.Uptime());
                break;
        }
    }

    /// <summary>
    /// Who owns the key cannot be told yet, or does not answer. That one may have died, and its keys are somebody else's once its lease has ended: so long the client waits.
    /// </summary>
    private void OnMoved(string reason, TimeSpan since)
    {
        _patienceEnds ??= since + _scope.Cluster!.Patience;
        if (Context.Time.Uptime() < _patienceEnds)
        {
            Context.StartTimer(AskAgain, new ConnectionMessage.AskAgain(), _pause);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
        else
        {
            Close("denied", reason);
        }
    }
}
