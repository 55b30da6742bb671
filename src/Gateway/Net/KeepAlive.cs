namespace Instancer.Gateway.Net;

/// <summary>How the system looks after a silent peer, in seconds and tries: see <see cref="IExactSocket.LookAfterPeer"/>.</summary>
internal static class KeepAlive
{
    /// <summary>How long a peer may be silent before it is asked for a sign of life.</summary>
    public const int Idle = 10;

    /// <summary>How long it is waited for one.</summary>
    public const int Interval = 3;

    /// <summary>How often it is asked.</summary>
    public const int Count = 3;
}
