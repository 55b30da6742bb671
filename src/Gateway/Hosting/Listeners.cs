using System.Net;
using Instancer.Actors.Connections;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Hosting;

/// <summary>The ports that a node listens on, and nothing in front of them yet.</summary>
/// <param name="Challenges">The listeners by their challenges' names; challenges that share a port share one.</param>
/// <param name="Peers">That for the other nodes; null for a node that is alone.</param>
internal sealed record Listeners(IReadOnlyDictionary<string, IListener> Challenges, IListener? Peers)
{
    /// <summary>Opens all of them or none; an error is one line.</summary>
    public static (Listeners? Listeners, string? Error) Open(NodeConfiguration configuration, ITransport transport)
    {
        Dictionary<string, IListener> challenges = [];
        Dictionary<int, IListener> byPort = [];
        var what = "";
        try
        {
            foreach (var challenge in configuration.Node.Challenges)
            {
                what = $"challenge {challenge.Name}";
                if (!byPort.TryGetValue(challenge.Port, out var listener))
                {
                    listener = transport.Listen(IPAddress.Parse(configuration.Node.Gateway.Listen), challenge.Port);
                    if (challenge.Port != 0)
                    {
                        byPort.Add(challenge.Port, listener);
                    }
                }

                challenges.Add(challenge.Name, listener);
            }

            what = "cluster";
            var peers = configuration.Settings.Cluster is { Listen: var listen } ? transport.Listen(listen.Address, listen.Port) : null;
            return (new Listeners(challenges, peers), null);
        }
        catch (ListenFailedException e)
        {
            foreach (var listener in challenges.Values.Distinct())
            {
                listener.Dispose();
            }

            return (null, $"{what}: {e.Message}");
        }
    }
}
