using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Forwarding;

/// <summary>
/// Says what is wrong between nodes, and the same thing of the same node once a minute at most: a client that waits for a node is tried ten times a second, and a log is there to be read.
/// </summary>
/// <param name="logger">Where it is said.</param>
/// <param name="time">The clock.</param>
internal sealed class PeerLog(ILogger logger, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>So many different things are said in a minute: strangers may make up as many as they like.</summary>
    private const int Most = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Who, string Reason), long> _said = [];

    /// <summary>Somebody was turned away from this node's port.</summary>
    /// <param name="peer">Its address and port.</param>
    /// <param name="reason">Why, in one line.</param>
    public void TurnedAway(string peer, string reason)
    {
        // Each of its connections has another port.
        var colon = peer.LastIndexOf(':');
        if (IsNew(colon < 0 ? peer : peer[..colon], reason))
        {
            ForwardingLog.TurnedAway(logger, peer, reason);
        }
    }

    /// <summary>Another node said something that is not to be believed.</summary>
    public void NotTrusted(string node, string reason)
    {
        if (IsNew(node, reason))
        {
            ForwardingLog.NotTrusted(logger, node, reason);
        }
    }

    /// <summary>Another node did not answer.</summary>
    public void Unreached(string node, string reason)
    {
        if (IsNew(node, reason))
        {
            ForwardingLog.Unreached(logger, node, reason);
        }
    }

    private bool IsNew(string who, string reason)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_said.TryGetValue((who, reason), out var last) && time.GetElapsedTime(last, now) < Pause)
            {
                return false;
            }

            if (_said.Count >= Most)
            {
                foreach (var (old, _) in _said.Where(said => time.GetElapsedTime(said.Value, now) >= Pause).ToList())
                {
                    _said.Remove(old);
                }
            }

            if (_said.Count >= Most)
            {
                return false;
            }

            _said[(who, reason)] = now;
            return true;
        }
    }
}
