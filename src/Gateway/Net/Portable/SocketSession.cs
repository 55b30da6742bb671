using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Gate.Parsing;

namespace Instancer.Gateway.Net.Portable;

/// <summary>A session on two <see cref="Socket"/>s: one pump for each direction.</summary>
internal sealed class SocketSession : ISession
{
    private const int Undecided = -1;

    private readonly Socket _client;
    private readonly Socket _backend;
    private readonly SocketPump _fromClient;
    private readonly SocketPump _fromBackend;
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _cause = Undecided;

    /// <param name="client">The client's socket, taken over.</param>
    /// <param name="backend">The backend's socket, taken over.</param>
    /// <param name="resets">Sees a reset that no pump can see, because it waits for the other side to take bytes.</param>
    /// <param name="terms">What it is held to.</param>
    /// <param name="time">The clock that it is held to its rate by.</param>
    public SocketSession(Socket client, Socket backend, ResetPoller resets, SessionTerms terms, TimeProvider time)
    {
        _client = client;
        _backend = backend;
        _fromClient = new SocketPump(client, backend, terms.Tenure, Throttle());
        _fromBackend = new SocketPump(backend, client, terms.Tenure, Throttle());
        if (terms.ProxySource is { } source && !Introduce(source, client, backend))
        {
            End(SessionEndCause.BackendReset);
        }

        Completion = RunAsync(resets);

        SocketThrottle? Throttle() => terms.BytesPerSecond is { } rate ? new SocketThrottle(rate, time, _aborted.Task) : null;
    }

    public Task<SessionEnd> Completion { get; }

    public long BytesRelayed => _fromClient.Bytes + _fromBackend.Bytes;

    public void Reset() => End(SessionEndCause.Revoked);

    // Nothing was sent to the backend before, so there is room for the header as long as there is a backend.
    private static bool Introduce(string source, Socket client, Socket backend)
    {
        try
        {
            return backend.TryWriteAll(ProxyHeader.Write(IPEndPoint.Parse(source), (IPEndPoint)client.LocalEndPoint!));
        }
        catch (SocketException)
        {
            // Not every system remembers the address of a connection that was reset.
            return false;
        }
    }

    private async Task<SessionEnd> RunAsync(ResetPoller resets)
    {
        using var ended = new CancellationTokenSource();
        var watches = Task.WhenAll(
            WatchAsync(resets, _client, SessionEndCause.ClientReset, ended.Token),
            WatchAsync(resets, _backend, SessionEndCause.BackendReset, ended.Token));

        // On the pool from the first byte: the caller does not pay for the session.
        await Task.WhenAll(
            Task.Run(() => PumpAsync(_fromClient, SessionEndCause.ClientReset, SessionEndCause.BackendReset)),
            Task.Run(() => PumpAsync(_fromBackend, SessionEndCause.BackendReset, SessionEndCause.ClientReset)));

        var inOrder = Interlocked.CompareExchange(ref _cause, (int)SessionEndCause.Finished, Undecided) == Undecided;
        if (inOrder)
        {
            _client.Dispose();
            _backend.Dispose();
        }
        else
        {
            // A pump can end when its socket begins to close, a moment before the other side is told.
            await _aborted.Task;
        }

        await ended.CancelAsync();
        await watches;
        return new SessionEnd((SessionEndCause)_cause, _fromClient.Bytes, _fromBackend.Bytes);
    }

    private async Task PumpAsync(SocketPump pump, SessionEndCause sourceLost, SessionEndCause targetLost)
    {
        switch (await pump.RunAsync())
        {
            case PumpEnd.SourceLost:
                End(sourceLost);
                break;
            case PumpEnd.TargetLost:
                End(targetLost);
                break;
            case PumpEnd.TenureLost:
                End(SessionEndCause.Revoked);
                break;
            default:
                break;
        }
    }

    private async Task WatchAsync(ResetPoller resets, Socket socket, SessionEndCause cause, CancellationToken ended)
    {
        var reset = resets.WaitAsync(socket, ended);
        await Task.WhenAny(reset);
        if (reset.IsCompletedSuccessfully)
        {
            End(cause);
        }
    }

    // The first one to call it says why; closing both sockets makes the pumps end.
    private void End(SessionEndCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, Undecided) == Undecided)
        {
            _client.Abort();
            _backend.Abort();
            _aborted.SetResult();
        }
    }
}
