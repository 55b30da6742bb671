using Instancer.Actors.Connections;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>
/// A connection between two nodes that a client is passed on through. What one side says arrives in its order, for as long as the network lets it; if that is cut for too long,
/// each side finds out by itself.
/// </summary>
internal sealed class ForwardedConnection(ClusterNode source, SimulatedHost targetHost, ForwardRequest request, FakeClient origin)
{
    private readonly TaskCompletionSource<ForwardOutcome> _outcome = new();
    private readonly Queue<Action> _toTarget = new();
    private readonly Queue<Action> _toSource = new();
    private ITimer? _patience;

    public ClusterNode Source => source;

    public SimulatedHost TargetHost => targetHost;

    /// <summary>The process that took it; null before.</summary>
    public ClusterNode? Target { get; private set; }

    public ForwardRequest Request => request;

    public FakeClient Origin => origin;

    public FakeForwardedSocket? Socket { get; private set; }

    public PassedOnSocket? PassedOn { get; private set; }

    public Task<ForwardOutcome> Outcome => _outcome.Task;

    public bool HasWork => _toTarget.Count > 0 || _toSource.Count > 0;

    /// <summary>Whether nothing more can come of it.</summary>
    public bool IsOver { get; private set; }

    public void Open(TimeSpan patience)
    {
        _patience = source.Clock.CreateTimer(_ => GiveUp(new ForwardOutcome.Moved("it does not say hello in time")), null, patience, Timeout.InfiniteTimeSpan);
        ToTarget(Arrive);
    }

    public void ToTarget(Action arrives) => _toTarget.Enqueue(arrives);

    public void ToSource(Action arrives) => _toSource.Enqueue(arrives);

    /// <summary>Lets something arrive.</summary>
    public void HappenOne(Random random)
    {
        var queue = _toTarget.Count > 0 && (_toSource.Count == 0 || random.Chance(0.5)) ? _toTarget : _toSource;
        queue.Dequeue()();
    }

    /// <summary>The target has read the request: from here on it takes as long as it takes.</summary>
    public void Greet() => _patience?.Dispose();

    public void GiveUp(ForwardOutcome outcome)
    {
        if (_outcome.TrySetResult(outcome))
        {
            Greet();
            ToTarget(EndAtTarget);
        }
    }

    public void Finish(ForwardOutcome outcome)
    {
        if (outcome is ForwardOutcome.Accepted)
        {
            PassedOn = new PassedOnSocket(this);
            outcome = new ForwardOutcome.Accepted(PassedOn);
        }

        Greet();
        if (!_outcome.TrySetResult(outcome))
        {
            PassedOn?.Dispose();
        }
    }

    /// <summary>The network has been cut for too long: both sides find out.</summary>
    public void Break()
    {
        _toTarget.Clear();
        _toSource.Clear();
        EndAtTarget();
        EndAtSource();
    }

    /// <summary>A process has ended, and its host says so to the other side.</summary>
    public void NoteEnd(ClusterNode node)
    {
        if (ReferenceEquals(node, source))
        {
            _toSource.Clear();
            ToTarget(EndAtTarget);
        }
        else if (ReferenceEquals(node, Target))
        {
            _toTarget.Clear();
            ToSource(EndAtSource);
        }
    }

    /// <summary>The source has closed its side of a session.</summary>
    public void GiveUpSession() => ToTarget(EndAtTarget);

    private void EndAtTarget()
    {
        IsOver = true;
        Socket?.PeerEnded();
    }

    public void EndAtSource()
    {
        IsOver = true;
        Finish(new ForwardOutcome.Moved("the connection was cut"));
        PassedOn?.PeerEnded();
    }

    private void Arrive()
    {
        if (targetHost.Node is not { IsRunning: true } node || node.ForwardListener.IsClosed)
        {
            ToSource(EndAtSource);
            return;
        }

        Target = node;
        Socket = new FakeForwardedSocket(this, node);
        node.ForwardListener.Connect(Socket);
    }
}
