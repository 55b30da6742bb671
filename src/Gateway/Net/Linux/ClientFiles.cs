namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// The files that are kept for one client: its own, and one for its backend. Who has not said who it is within a second is most likely a stranger and will need no backend: then the second one
/// is anybody's, until it does. Otherwise silent strangers would take the room of twice as many.
/// </summary>
/// <param name="clients">Counts the clients' own files.</param>
/// <param name="expected">Counts the files that are kept for their backends.</param>
internal sealed class ClientFiles(SocketCount clients, SocketCount expected) : ISocketCount
{
    private const int GraceMilliseconds = 1000;

    private readonly long _since = Environment.TickCount64;
    private int _state;

    private enum State
    {
        /// <summary>It came less than a second ago, or nobody has looked since.</summary>
        Young,

        /// <summary>It is silent: nothing is kept for a backend.</summary>
        Lapsed,

        /// <summary>It is to be served.</summary>
        Accepted,

        /// <summary>It is closed.</summary>
        Closed,
    }

    /// <summary>Whether it has had its time to say who it is.</summary>
    public bool IsDue => Environment.TickCount64 - _since >= GraceMilliseconds;

    /// <inheritdoc/>
    public void Add()
    {
        clients.Add();
        expected.Add();
    }

    /// <summary>Its time is over.</summary>
    public void Lapse()
    {
        if (Become(State.Lapsed, from: State.Young))
        {
            expected.Remove();
        }
    }

    /// <summary>It is known, and will need a backend.</summary>
    public void Accept()
    {
        // Whoever closes it meanwhile takes back what is added a moment later.
        if (!Become(State.Accepted, from: State.Young) && Become(State.Accepted, from: State.Lapsed))
        {
            expected.Add();
        }
    }

    /// <inheritdoc/>
    public void Remove()
    {
        clients.Remove();
        if ((State)Interlocked.Exchange(ref _state, (int)State.Closed) is State.Young or State.Accepted)
        {
            expected.Remove();
        }
    }

    private bool Become(State to, State from) => Interlocked.CompareExchange(ref _state, (int)to, (int)from) == (int)from;
}
