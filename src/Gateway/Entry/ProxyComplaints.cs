using System.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Entry;

/// <summary>Says that a trusted proxy does not speak the protocol, once a minute at most: one that is set up wrongly does it with every connection.</summary>
/// <param name="logger">Where it is said.</param>
/// <param name="time">The clock.</param>
internal sealed class ProxyComplaints(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private long? _saidAt;
    private int _unsaid;

    /// <summary>A proxy's connection was closed.</summary>
    /// <param name="peer">The proxy.</param>
    /// <param name="reason">Why, in one line.</param>
    public void Note(IPEndPoint peer, string reason)
    {
        int unsaid;
        lock (_lock)
        {
            if (_saidAt is { } last && time.GetElapsedTime(last) < Pause)
            {
                _unsaid++;
                return;
            }

            (_saidAt, unsaid, _unsaid) = (time.GetTimestamp(), _unsaid, 0);
        }

        EntryLog.NoHeader(logger, peer.Address.ToString(), reason, unsaid);
    }
}
