using System.Net;
using Instancer.Actors.Connections;
using Instancer.Gate.Parsing;

namespace Instancer.Gateway.Net.Tls;

/// <summary>A session whose client speaks TLS: one pump for each direction, over the two sockets' own reads and writes.</summary>
internal sealed class TlsSession : ISession
{
    private const int Undecided = -1;

    /// <summary>How long what has arrived before a reset may still be passed on, to a side that takes it.</summary>
    private static readonly TimeSpan PassageAfterReset = TimeSpan.FromSeconds(1);

    private readonly TlsClient _client;
    private readonly IDialledSocket _backend;
    private readonly TimeProvider _time;
    private readonly TlsPump _fromClient;
    private readonly TlsPump _fromBackend;
    private readonly SessionTerms _terms;
    private readonly CancellationTokenSource _over = new();
    private int _cause = Undecided;

    /// <param name="client">The client, taken over.</param>
    /// <param name="backend">The backend, taken over.</param>
    /// <param name="terms">What it is held to.</param>
    /// <param name="time">The clock of what is limited.</param>
    public TlsSession(TlsClient client, IDialledSocket backend, SessionTerms terms, TimeProvider time)
    {
        (_client, _backend, _terms, _time) = (client, backend, terms, time);
        _fromClient = new TlsPump(client, backend, terms, time);
        _fromBackend = new TlsPump(backend, client, terms, time);
        Completion = RunAsync();
    }

    public Task<SessionEnd> Completion { get; }

    public long BytesRelayed => _fromClient.Bytes + _fromBackend.Bytes;

    public void Reset() => End(SessionEndCause.Revoked);

    private async Task<SessionEnd> RunAsync()
    {
        // On the pool from the first byte: the caller does not pay for the session.
        await Task.Yield();
        if (_terms.ProxySource is { } source)
        {
            await IntroduceAsync(source);
        }

        var watches = Task.WhenAll(
            WatchAsync(_client.WaitForResetAsync(_over.Token), SessionEndCause.ClientReset),
            WatchAsync(_backend.WaitForResetAsync(_over.Token), SessionEndCause.BackendReset));
        await Task.WhenAll(
            PumpAsync(_fromClient, SessionEndCause.ClientReset, SessionEndCause.BackendReset),
            PumpAsync(_fromBackend, SessionEndCause.BackendReset, SessionEndCause.ClientReset));

        if (Interlocked.CompareExchange(ref _cause, (int)SessionEndCause.Finished, Undecided) == Undecided)
        {
            _client.Dispose();
            _backend.Dispose();
            await _over.CancelAsync();
        }

        await watches;
        return new SessionEnd((SessionEndCause)_cause, _fromClient.Bytes, _fromBackend.Bytes);
    }

    private async Task IntroduceAsync(string source)
    {
        try
        {
            if (!_terms.Tenure.Holds)
            {
                End(SessionEndCause.Revoked);
            }
            else if (!await _backend.WriteAsync(ProxyHeader.Write(IPEndPoint.Parse(source), _client.LocalEndPoint), _over.Token))
            {
                End(SessionEndCause.BackendReset);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or System.Net.Sockets.SocketException)
        {
            // The client was closed before anybody asked what it is connected to.
            End(SessionEndCause.ClientReset);
        }
    }

    private async Task PumpAsync(TlsPump pump, SessionEndCause sourceLost, SessionEndCause targetLost)
    {
        switch (await pump.RunAsync(_over.Token))
        {
            case TlsPumpEnd.SourceLost:
                End(sourceLost);
                break;
            case TlsPumpEnd.TargetLost:
                End(targetLost);
                break;
            case TlsPumpEnd.TenureLost:
                End(SessionEndCause.Revoked);
                break;
            default:
                break;
        }
    }

    // Sees a reset that no pump can see, because it waits for the other side to take bytes.
    private async Task WatchAsync(Task reset, SessionEndCause cause)
    {
        await Task.WhenAny(reset);
        if (!reset.IsCompletedSuccessfully || _over.IsCancellationRequested)
        {
            return;
        }

        var passage = Task.Delay(PassageAfterReset, _time, _over.Token);
        await Task.WhenAny(passage);
        if (passage.IsCompletedSuccessfully)
        {
            End(cause);
        }
    }

    // The first one to call it says why; resetting both makes the pumps end.
    private void End(SessionEndCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, Undecided) == Undecided)
        {
            _client.Reset();
            _backend.Reset();
            _over.Cancel();
        }
    }
}
