using Instancer.Actors.Connections;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What the owner's node has of a connection that is passed on to it.</summary>
internal sealed class FakeForwardedSocket(ForwardedConnection connection, ClusterNode node) : IForwardedSocket, ISimulatedClient
{
    private readonly TaskCompletionSource _reset = new();
    private bool _isClosed;
    private bool _isAnswered;

    public string RemoteAddress => connection.Source.Host.Name;

    public FakeClient Origin => connection.Origin;

    public ISimulatedSession? Session { get; set; }

    public bool HasVanished { get; private set; }

    public Task<ForwardOpening> ReadRequestAsync(CancellationToken cancellationToken)
    {
        node.State.MayThrow();
        var read = new TaskCompletionSource<ForwardOpening>();
        cancellationToken.Register(() => read.TrySetResult(new ForwardOpening.Invalid("it is gone")));
        _reset.Task.ContinueWith(
            _ => read.TrySetResult(new ForwardOpening.Invalid("it is gone")), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (node.State.Random.Chance(0.97))
        {
            node.Deliver(() =>
            {
                if (read.TrySetResult(new ForwardOpening.Client(connection.Request)))
                {
                    connection.ToSource(connection.Greet);
                }
            });
        }

        return read.Task;
    }

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        // Nobody stands in front of it.
    }

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        node.State.Check(10, holds: false, () => "a preamble is read from a connection that another node has passed on");
        return Task.FromResult<PreambleOutcome>(new PreambleOutcome.Incomplete(0));
    }

    public Task WaitForResetAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        cancellationToken.Register(() => ended.TrySetCanceled(cancellationToken));
        _reset.Task.ContinueWith(
            _ => ended.TrySetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return ended.Task;
    }

    public void Answer(ForwardAnswer answer)
    {
        node.State.MayThrow();
        node.State.Check(10, !_isAnswered, () => $"client {Origin.RemoteAddress} is answered for twice");
        _isAnswered = true;
        node.State.Say($"{node.Host.Name} answers {connection.Source.Host.Name} for client {Origin.RemoteAddress}: {answer}");
        ForwardOutcome outcome = answer switch
        {
            ForwardAnswer.Served => new ForwardOutcome.Accepted(NoSocket.Instance),
            ForwardAnswer.Moved => new ForwardOutcome.Moved("it is not mine"),
            _ => new ForwardOutcome.Refused("there will be none"),
        };
        connection.ToSource(() => connection.Finish(outcome));
    }

    /// <summary>The other node, or the way there, is gone.</summary>
    public void PeerEnded()
    {
        HasVanished = true;
        _reset.TrySetResult();
        Session?.End(SessionEndCause.ClientReset);
    }

    public void SessionEnded(SessionEndCause cause) => Dispose();

    public void Reset() => Dispose();

    public void Dispose()
    {
        if (!_isClosed)
        {
            _isClosed = true;
            connection.ToSource(connection.EndAtSource);
        }
    }

    /// <summary>Stands for the socket that the answer makes at the other side.</summary>
    private sealed class NoSocket : IBackendSocket
    {
        public static NoSocket Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
