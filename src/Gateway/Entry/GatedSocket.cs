using System.Globalization;
using System.Net;
using System.Text;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>
/// A client's socket with what stands in front of its challenge: what is asked before the preamble, the preamble's form, what is said to a client that is not served, and its place, which is
/// given back when the connection is over.
/// </summary>
/// <param name="socket">The accepted socket, taken over.</param>
/// <param name="source">The client: whom a trusted proxy named, or who is connected.</param>
/// <param name="greeting">How the client says who it is.</param>
/// <param name="work">What it has to do before; null for nothing.</param>
/// <param name="watch">Hears of failed preambles and starts; null for nobody.</param>
/// <param name="permit">Its place, taken over; null for none.</param>
internal sealed class GatedSocket(
    IAcceptedSocket socket,
    IPEndPoint source,
    GreetingOptions greeting,
    Func<IExactSocket, CancellationToken, ValueTask<WorkOutcome>>? work,
    IEntryWatch? watch,
    IDisposable? permit) : IAcceptedSocket
{
    private static readonly byte[] DeniedLine = "denied\n"u8.ToArray();

    private IDisposable? _permit = permit;
    private bool _hasStarted;
    private bool _isTold;
    private bool _hasFailed;
    private bool _isDenied;

    public string RemoteAddress { get; } = ReferenceEquals(source, socket.RemoteEndPoint) ? socket.RemoteAddress : source.ToString();

    public IPEndPoint RemoteEndPoint => source;

    public IPEndPoint LocalEndPoint => socket.LocalEndPoint;

    /// <summary>What the relay behind this one knows.</summary>
    public IAcceptedSocket Inner => socket;

    /// <summary>Whether it was reset because it could not be told that it has to wait. Whoever was about to serve it need not have heard of that yet.</summary>
    public bool IsGivenUp { get; private set; }

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => work is null ? new(true) : WorkAsync(work, cancellationToken);

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) =>
        greeting.Form == PreambleForm.Line ? ReadLineAsync(cancellationToken) : socket.ReadPreambleAsync(cancellationToken);

    public void Notify(ClientNotice notice)
    {
        switch (notice)
        {
            case ClientNotice.Accepted:
                socket.Notify(notice);
                break;
            case ClientNotice.Waits waits:
                OnWaits(waits.Position);
                break;
            case ClientNotice.NotAccepted:
                OnNotAccepted();
                break;
            case ClientNotice.Denied:
                OnDenied();
                break;
        }
    }

    public Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => socket.ReadAsync(buffer, cancellationToken);

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => socket.WriteAsync(bytes, cancellationToken);

    public ValueTask<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken cancellationToken) => socket.ReadSomeAsync(buffer, cancellationToken);

    public ValueTask<bool> EndSendingAsync(CancellationToken cancellationToken) => socket.EndSendingAsync(cancellationToken);

    public bool TryWrite(ReadOnlySpan<byte> bytes) => socket.TryWrite(bytes);

    public void LookAfterPeer() => socket.LookAfterPeer();

    public Task WaitForEndAsync(CancellationToken cancellationToken) => socket.WaitForEndAsync(cancellationToken);

    public Task WaitForResetAsync(CancellationToken cancellationToken) => socket.WaitForResetAsync(cancellationToken);

    // The place first: a client that comes back as soon as it sees this connection's end finds it free.
    public void Reset()
    {
        TakePermit()?.Dispose();
        socket.Reset();
    }

    public void Dispose()
    {
        TakePermit()?.Dispose();
        socket.Dispose();
    }

    /// <summary>The place, for whoever gives it back in this one's stead: a session that has taken the socket over. Null if there is none, or if it was taken before.</summary>
    public IDisposable? TakePermit() => Interlocked.Exchange(ref _permit, null);

    private async ValueTask<bool> WorkAsync(Func<IExactSocket, CancellationToken, ValueTask<WorkOutcome>> work, CancellationToken cancellationToken)
    {
        var outcome = await work(socket, cancellationToken);

        // It is closed like those who failed, but nothing is held against it.
        _hasFailed |= outcome == WorkOutcome.TurnedAway;
        return outcome == WorkOutcome.Done;
    }

    private async Task<PreambleOutcome> ReadLineAsync(CancellationToken cancellationToken) =>
        greeting.Prompt is { } prompt && !await socket.WriteAsync(Encoding.UTF8.GetBytes(prompt), cancellationToken)
            ? new PreambleOutcome.Incomplete(0)
            : await LineReader.ReadAsync(socket, cancellationToken);

    private void OnWaits(int? position)
    {
        if (!_hasStarted)
        {
            _hasStarted = true;
            watch?.OnStart(source.Address);
        }

        if (position is { } place && greeting.Refusals && !_isTold)
        {
            _isTold = true;
            if (!socket.TryWrite(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"busy, position {place}\n"))))
            {
                // Half a line may be out, or nobody is there: nothing good can follow.
                IsGivenUp = true;
                Reset();
            }
        }
    }

    private void OnNotAccepted()
    {
        if (!_hasFailed)
        {
            _hasFailed = true;
            watch?.OnFailedPreamble(source.Address);
        }

        OnDenied();
    }

    // The same bytes for whoever is not known and whoever is not served: a stranger learns nothing about a token.
    private void OnDenied()
    {
        if (greeting.Refusals && !_isDenied)
        {
            _isDenied = true;

            // If it does not get there, nobody reads it: the socket is closed next.
            socket.TryWrite(DeniedLine);
        }
    }
}
