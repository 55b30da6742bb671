using Instancer.Actors.Connections;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>A listener that has each connection pass the <see cref="EntrySteps"/>. Where no proxies are configured nothing waits here: what the listener behind accepts is passed through.</summary>
/// <param name="listener">The port, open already; taken over.</param>
/// <param name="entry">The steps.</param>
/// <param name="headers">The headers that are being read; taken over.</param>
internal sealed class GatedListener(IListener listener, EntrySteps entry, HeaderReads headers) : IListener
{
    /// <summary>So many are turned away in a row before somebody else has the thread: connections that are there already are accepted without waiting.</summary>
    private const int Turn = 64;

    // An accept that outlives the call that began it, because a client whose header was read was there first.
    private Task<AcceptOutcome>? _accepting;

    public string LocalAddress => listener.LocalAddress;

    public async Task<AcceptOutcome> AcceptAsync()
    {
        for (var count = 1; ; count++)
        {
            if (headers.TryTake() is { } client)
            {
                return new AcceptOutcome.Accepted(client);
            }

            var accepting = _accepting ??= listener.AcceptAsync();
            if (!accepting.IsCompleted && headers.News() is { } news && await Task.WhenAny(accepting, news) == news)
            {
                continue;
            }

            var outcome = await accepting;
            if (Interlocked.CompareExchange(ref _accepting, null, accepting) != accepting)
            {
                // Disposed, and with it what came.
                return new AcceptOutcome.Closed();
            }

            if (outcome is not AcceptOutcome.Accepted { Socket: IAcceptedSocket socket })
            {
                return outcome;
            }

            if (entry.NeedsHeader(socket))
            {
                headers.Begin(socket);
            }
            else if (entry.Admit(socket, socket.RemoteEndPoint) is { } admitted)
            {
                return new AcceptOutcome.Accepted(admitted);
            }

            if (count % Turn == 0)
            {
                await Task.Yield();
            }
        }
    }

    public void Dispose()
    {
        listener.Dispose();
        headers.Dispose();
        if (Interlocked.Exchange(ref _accepting, null) is { } accepting)
        {
            _ = DiscardAsync(accepting);
        }
    }

    private static async Task DiscardAsync(Task<AcceptOutcome> accepting)
    {
        if (await accepting is AcceptOutcome.Accepted accepted)
        {
            accepted.Socket.Dispose();
        }
    }
}
