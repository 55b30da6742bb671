using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net;

/// <summary>
/// A socket that is read and written before it is relayed: never a byte more than is asked for, because what follows is the session's. One read and one write at a time; when none is
/// under way, a session may take the socket over.
/// </summary>
internal interface IExactSocket : IDisposable
{
    /// <summary>Fills <paramref name="buffer"/>; less only if the peer ends or is lost before, the socket is closed or the call is given up. Never faulted.</summary>
    /// <returns>How many bytes came.</returns>
    Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>
    /// Lets the connection count as lost when the peer's host has vanished without a word: 19 seconds after it was last heard of, if there is nothing on its way to it; else when the
    /// system gives up sending, after a quarter of an hour. A peer that only does not read is never taken for lost.
    /// </summary>
    void LookAfterPeer();

    /// <summary>Sends all of <paramref name="bytes"/>; false if the peer is lost, the socket is closed or the call is given up. Never faulted.</summary>
    Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);
}

/// <summary>An accepted socket, as each transport has it.</summary>
internal interface IAcceptedSocket : IClientSocket, IExactSocket
{
    /// <summary>The client's address, a mapped IPv4 address as IPv4.</summary>
    IPEndPoint RemoteEndPoint { get; }

    /// <summary>What the client connected to, a mapped IPv4 address as IPv4.</summary>
    /// <exception cref="ObjectDisposedException">The socket was closed or handed over before anybody asked.</exception>
    IPEndPoint LocalEndPoint { get; }

    /// <summary>Sends a few bytes without waiting; false if there is no room for all of them, or nobody is there: then the connection is of no use any more.</summary>
    bool TryWrite(ReadOnlySpan<byte> bytes);

    /// <summary>
    /// Ends when the peer has ended its sending side or reset the connection, or sends what nobody asked for; reads nothing. Ends cancelled when <paramref name="cancellationToken"/> is.
    /// </summary>
    Task WaitForEndAsync(CancellationToken cancellationToken);
}

/// <summary>A dialled socket, as each transport has it.</summary>
internal interface IDialledSocket : IBackendSocket, IExactSocket
{
    /// <summary>Closes the connection with a reset; nothing if it is closed already.</summary>
    void Reset();
}
