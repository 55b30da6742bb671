using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>One connection, for as long as it has not said what it wants.</summary>
/// <param name="since">When it was accepted, on the monotonic clock.</param>
internal sealed class Opening(TimeSpan since)
{
    private volatile bool _isOver;
    private ActorRef<ConnectionMessage>? _connection;

    public TimeSpan Since => since;

    public bool IsOver => _isOver;

    /// <summary>Whose it is; not kept once it is over.</summary>
    public ActorRef<ConnectionMessage>? Connection
    {
        get => Volatile.Read(ref _connection);
        set => Volatile.Write(ref _connection, _isOver ? null : value);
    }

    /// <summary>The connection has said what it wants, or is over. Safe from any thread.</summary>
    public void End()
    {
        _isOver = true;
        Connection = null;
    }
}
