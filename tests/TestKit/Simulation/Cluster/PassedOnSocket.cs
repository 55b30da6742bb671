using Instancer.Actors.Connections;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What the first node has of a connection that it passes on: as good as one to the backend.</summary>
internal sealed class PassedOnSocket(ForwardedConnection connection) : IPassedOnSocket
{
    private bool _isOver;

    public PassedOnSession? Session { get; private set; }

    public ISession Start(FakeClient client)
    {
        Session = new PassedOnSession(this, client);
        client.Session = Session;
        connection.Source.State.Say($"client {client.RemoteAddress} is passed on by {connection.Source.Host.Name} to {connection.TargetHost.Name} and served");
        if (client.HasVanished)
        {
            Session.End(SessionEndCause.ClientReset);
        }
        else if (_isOver)
        {
            Session.End(SessionEndCause.BackendReset);
        }

        return Session;
    }

    /// <summary>The other node has ended it, or is gone.</summary>
    public void PeerEnded()
    {
        _isOver = true;
        Session?.End(SessionEndCause.BackendReset);
    }

    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            connection.GiveUpSession();
        }
    }
}

/// <summary>The first node's part of a session that another node serves.</summary>
internal sealed class PassedOnSession(PassedOnSocket socket, FakeClient client) : ISimulatedSession
{
    private readonly TaskCompletionSource<SessionEnd> _completion = new();

    public FakeClient Client => client;

    public Task<SessionEnd> Completion => _completion.Task;

    public long BytesRelayed => 0;

    public void Reset() => End(SessionEndCause.Revoked);

    public void End(SessionEndCause cause)
    {
        client.Dispose();
        socket.Dispose();
        _completion.TrySetResult(new SessionEnd(cause, 0, 0));
    }
}
