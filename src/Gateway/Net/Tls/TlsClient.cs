using System.Net;
using System.Net.Security;
using Instancer.Actors.Connections;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Net.Tls;

/// <summary>
/// An accepted socket that speaks TLS, after its handshake. An end of the client's sending side is its close_notify or its FIN, whichever comes first (RFC 8446, 6.1); a reset is the reset of
/// the socket below.
/// </summary>
/// <param name="socket">The socket below, taken over.</param>
/// <param name="stream">TLS over it, after the handshake; taken over.</param>
/// <param name="turn">Whose turn it is with the stream; nobody's.</param>
/// <param name="hostName">The name that the client asked for; empty if it asked for none.</param>
/// <param name="logger">Hears of what the stream should not throw.</param>
internal sealed class TlsClient(IAcceptedSocket socket, SslStream stream, TlsTurn turn, string hostName, ILogger logger) : IAcceptedSocket
{
    private const int Idle = 0;
    private const int Writing = 1;
    private const int Ended = 2;

    private int _sending;

    /// <summary>The name that the client asked for; empty if it asked for none.</summary>
    public string HostName => hostName;

    public string RemoteAddress => socket.RemoteAddress;

    public IPEndPoint RemoteEndPoint => socket.RemoteEndPoint;

    public IPEndPoint LocalEndPoint => socket.LocalEndPoint;

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => socket.PassAsync(cancellationToken);

    public void Notify(ClientNotice notice) => socket.Notify(notice);

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) => this.ReadWholePreambleAsync(cancellationToken);

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => this.ReadInPartsAsync(buffer, cancellationToken);

    public async ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await turn.TakeAsync();
        try
        {
            return await stream.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e)
        {
            Note(e);
            return ExactSocket.Lost;
        }
        finally
        {
            turn.GiveBack();
        }
    }

    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _sending, Writing, Idle) != Idle)
        {
            return false;
        }

        try
        {
            await stream.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (Exception e)
        {
            Note(e);
            return false;
        }
        finally
        {
            Volatile.Write(ref _sending, Idle);
        }
    }

    public bool TryWrite(ReadOnlySpan<byte> bytes)
    {
        // Where there is room it ends at once. Where there is none the connection is of no use any more, and what is under way ends with it.
        var writing = WriteAsync(bytes.ToArray(), CancellationToken.None);
        return writing is { IsCompletedSuccessfully: true, Result: true };
    }

    public async ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await CloseNotifyAsync().WaitAsync(cancellationToken) && await socket.EndSendingAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void LookAfterPeer() => socket.LookAfterPeer();

    /// <summary>As the contract says, with what the socket below sees of an end: its FIN, not a close_notify alone.</summary>
    public Task WaitForEndAsync(CancellationToken cancellationToken) => socket.WaitForEndAsync(cancellationToken);

    public Task WaitForResetAsync(CancellationToken cancellationToken) => socket.WaitForResetAsync(cancellationToken);

    public void Reset()
    {
        socket.Reset();
        stream.Dispose();
    }

    /// <summary>Says close_notify if there is room to say it at once, and ends.</summary>
    public void Dispose()
    {
        _ = CloseNotifyAsync();
        socket.Dispose();
        stream.Dispose();
    }

    private async Task<bool> CloseNotifyAsync()
    {
        // The stream would say it in the middle of what it writes.
        if (Interlocked.CompareExchange(ref _sending, Ended, Idle) is var before and not Idle)
        {
            return before == Ended;
        }

        try
        {
            await ShutdownInTurnAsync();
            return true;
        }
        catch (Exception e)
        {
            Note(e);
            return false;
        }
    }

    // The client is gone, or the stream is closed here, or the client's bytes make no sense; and what the stream throws for those is documented in part only.
    private void Note(Exception e)
    {
        if (e is not (IOException or ObjectDisposedException or OperationCanceledException))
        {
            TlsLog.Unexpected(logger, e, RemoteAddress);
        }
    }

    private async Task ShutdownInTurnAsync()
    {
        Task said;
        await turn.TakeAsync();
        try
        {
            // What it has to do with the state is done when it returns; the rest is the socket's.
            said = stream.ShutdownAsync();
        }
        finally
        {
            turn.GiveBack();
        }

        await said;
    }
}
