using System.Collections.Frozen;
using Instancer.Actors.Connections;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Net.Tls;

/// <summary>The limits of a listener that several challenges share.</summary>
internal sealed record SniOptions
{
    /// <summary>How long a handshake may take, with what comes before it. Default: 10 seconds.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many handshakes are under way at once; past it the oldest one is given up. Default: 1024.</summary>
    public int MostHandshakes { get; init; } = 1024;

    /// <summary>How many clients of a challenge wait with their handshake done until they are accepted; past it they are closed. Default: 128.</summary>
    public int MostWaiting { get; init; } = 128;
}

/// <summary>
/// One port for many challenges: shakes hands with many clients at once, and hands each to the challenge whose name it asked for. It accepts once one of the challenges does, and is closed when
/// all of them have closed their part.
/// </summary>
internal sealed class SniListener
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly IListener _listener;
    private readonly TlsHandshake _handshake;
    private readonly Func<TlsNames> _names;
    private readonly HandshakePlaces _places;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FrozenDictionary<string, SniDoor> _doors;
    private readonly CancellationTokenSource _closed = new();
    private int _started;

    /// <param name="listener">The port, open already; taken over. Its sockets are <see cref="IAcceptedSocket"/>s.</param>
    /// <param name="challenges">Who shares it.</param>
    /// <param name="names">Their names; asked for each client.</param>
    /// <param name="certificates">Each challenge's certificate, which stays the caller's.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where is said what goes wrong.</param>
    public SniListener(
        IListener listener, IEnumerable<string> challenges, Func<TlsNames> names, Func<string, TlsCertificates> certificates, SniOptions options, TimeProvider time, ILogger logger)
    {
        (_listener, _names, _time, _logger) = (listener, names, time, logger);
        _handshake = new TlsHandshake(certificates, logger);
        _places = new HandshakePlaces(options.MostHandshakes, options.HandshakeTimeout, time);
        _doors = challenges.ToFrozenDictionary(challenge => challenge, _ => new SniDoor(this, options.MostWaiting));
    }

    /// <summary>
    /// What a client passes before its handshake, within the time of that: what it returns, be it another socket around the same, goes on; null if it has closed the socket. Never faulted.
    /// Default: null, for nothing.
    /// </summary>
    public Func<IAcceptedSocket, CancellationToken, ValueTask<IAcceptedSocket?>>? Before { get; init; }

    /// <summary>The address it listens on, as <c>host:port</c>.</summary>
    public string LocalAddress => _listener.LocalAddress;

    /// <summary>How many handshakes are under way.</summary>
    public int Handshakes => _places.Taken;

    /// <summary>A challenge's part.</summary>
    public IListener Of(string challenge) => _doors[challenge];

    /// <summary>Starts to accept; nothing if it did already.</summary>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            _ = Task.Run(AcceptAsync);
        }
    }

    /// <summary>A part was closed.</summary>
    public void OnClosed()
    {
        if (_doors.Values.All(door => !door.IsOpen))
        {
            _listener.Dispose();
            _places.Close();
            _closed.Cancel();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_closed.IsCancellationRequested)
        {
            switch (await AcceptOneAsync())
            {
                case AcceptOutcome.Accepted accepted:
                    // A handshake is work for a processor: others are accepted meanwhile.
                    _ = Task.Run(() => ServeAsync((IAcceptedSocket)accepted.Socket));
                    break;
                case AcceptOutcome.TryLater later:
                    foreach (var door in _doors.Values)
                    {
                        door.Tell(later);
                    }

                    await Task.WhenAny(Task.Delay(RetryAfter, _time, _closed.Token));
                    break;
                default:
                    return;
            }
        }
    }

    private async Task<AcceptOutcome> AcceptOneAsync()
    {
        try
        {
            return await _listener.AcceptAsync();
        }
        catch (Exception e)
        {
            // It has no outcome for that, and nobody else would accept again.
            TlsLog.AcceptFailed(_logger, e, LocalAddress);
            return new AcceptOutcome.TryLater(e.Message);
        }
    }

    private async Task ServeAsync(IAcceptedSocket accepted)
    {
        try
        {
            using var place = _places.Take();
            var socket = Before is null ? accepted : await Before(accepted, place.Token);
            switch (socket is null ? null : await _handshake.RunAsync(socket, FindOpen, place.Token))
            {
                case TlsOutcome.Accepted done:
                    Pass(done.Client, done.Challenge);
                    break;
                case TlsOutcome.Refused refused:
                    TlsLog.Refused(_logger, accepted.RemoteAddress, refused.Reason);
                    break;
                default:
                    break;
            }
        }
        catch (Exception e)
        {
            // One client's bug is not the port's end.
            TlsLog.Failed(_logger, e, accepted.RemoteAddress);
            accepted.Reset();
        }
    }

    private void Pass(TlsClient client, string challenge)
    {
        if (_doors[challenge].TryPass(client, out var isFirst))
        {
            return;
        }

        if (isFirst)
        {
            TlsLog.NotTaken(_logger, challenge, client.RemoteAddress);
        }

        client.Dispose();
    }

    private string? FindOpen(string name) => _names().Find(name) is { } challenge && _doors.TryGetValue(challenge, out var door) && door.IsOpen ? challenge : null;
}
