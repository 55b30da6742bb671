using System.Net;
using Instancer.Actors.Connections;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Hosting;

/// <summary>Opens the listeners of all challenges, and the one for other nodes if there are any; or none of them.</summary>
internal static class Listeners
{
    /// <summary>The listeners by their challenges' names and that for the other nodes, null for a node that is alone; or an error in one line.</summary>
    public static (IReadOnlyDictionary<string, IListener>? Challenges, IListener? Peers, string? Error) Open(NodeConfiguration configuration, ITransport transport)
    {
        Dictionary<string, IListener> challenges = [];
        var what = "";
        try
        {
            foreach (var challenge in configuration.Node.Challenges)
            {
                what = $"challenge {challenge.Name}";
                challenges.Add(challenge.Name, transport.Listen(IPAddress.Parse(configuration.Node.Gateway.Listen), challenge.Port));
            }

            what = "cluster";
            var peers = configuration.Settings.Cluster is { Listen: var listen } ? transport.Listen(listen.Address, listen.Port) : null;
            return (challenges, peers, null);
        }
        catch (ListenFailedException e)
        {
            foreach (var listener in challenges.Values)
            {
                listener.Dispose();
            }

            return (null, null, $"{what}: {e.Message}");
        }
    }
}
