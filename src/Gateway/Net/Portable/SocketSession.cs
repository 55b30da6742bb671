using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;

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
    /// <param name="tenure">Without which nothing passes.</param>
    public SocketSession(Socket client, Socket backend, ResetPoller resets, ITenure tenure)
    {
        _client = client;
        _backend = backend;
        _fromClient = new SocketPump(client, backend, tenure);
        _fromBackend = new SocketPump(backend, client, tenure);
        Completion = RunAsync(resets);
    }

    public Task<SessionEnd> Completion { get; }

    public long BytesRelayed => _fromClient.Bytes + _fromBackend.Bytes;

    public void Reset() => End(SessionEndCause.Revoked);

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
