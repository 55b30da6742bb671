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

    /// <summary>
    /// Reads what there is, and waits only while that is nothing. An empty buffer waits until there is something, be it the end, and takes nothing. May be under way together with a write.
    /// Never faulted.
    /// </summary>
    /// <returns>How many bytes came; 0 at the end of the peer's sending side; <see cref="ExactSocket.Lost"/> if the peer is lost, the socket is closed or the call is given up.</returns>
    ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends all of <paramref name="bytes"/>; false if the peer is lost, the socket is closed or the call is given up. Never faulted.</summary>
    Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Ends the sending side: the peer reads to an end, and may go on sending. False if the peer is lost, the socket is closed or the call is given up. Never faulted.</summary>
    ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken);
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
    /// <summary>Ends when the backend has reset the connection, or the socket is closed; reads nothing. Ends cancelled when <paramref name="cancellationToken"/> is.</summary>
    Task WaitForResetAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection with a reset; nothing if it is closed already.</summary>
    void Reset();
}

/// <summary>What all <see cref="IExactSocket"/>s have in common.</summary>
internal static class ExactSocket
{
    /// <summary>Read instead of a number of bytes: nothing can be read any more, and there was no end.</summary>
    public const int Lost = -1;

    /// <summary>As <see cref="IExactSocket.ReadAsync"/>, by <see cref="IExactSocket.ReadSomeAsync"/>.</summary>
    public static async Task<int> ReadInPartsAsync(this IExactSocket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var received = 0;

        // Never more than what is missing: what is behind it is another's.
        while (received < buffer.Length && await socket.ReadSomeAsync(buffer[received..], cancellationToken) is var count and > 0)
        {
            received += count;
        }

        return received;
    }

    /// <summary>As <see cref="IClientSocket.ReadPreambleAsync"/>.</summary>
    public static async Task<PreambleOutcome> ReadWholePreambleAsync(this IExactSocket socket, CancellationToken cancellationToken)
    {
        var bytes = new byte[Preamble.Length];
        var received = await socket.ReadAsync(bytes, cancellationToken);
        if (received == bytes.Length)
        {
            return new PreambleOutcome.Complete(new Preamble(bytes));
        }

        Array.Clear(bytes);
        return new PreambleOutcome.Incomplete(received);
    }
}
