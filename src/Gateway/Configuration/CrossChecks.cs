using System.Globalization;
using Instancer.Actors;

namespace Instancer.Gateway.Configuration;

/// <summary>The checks that take more than one option.</summary>
internal static class CrossChecks
{
    /// <summary>Reports ports that are meant for two things.</summary>
    public static void Check(NodeOptions node, OperatorSettings settings, ConfigurationErrors errors)
    {
        Dictionary<int, string> taken = [];
        foreach (var challenge in node.Challenges)
        {
            Take($"instancer.challenges.{challenge.Name}.port", challenge.Port);
        }

        if (settings.Admin is { } admin)
        {
            Take("instancer.admin.port", admin.Port);
        }

        if (settings.Cluster is { } cluster)
        {
            Take($"instancer.cluster.{(cluster.Listen.Equals(cluster.Options.Advertise) ? "advertise" : "listen")}", cluster.Listen.Port);
        }

        void Take(string path, int port)
        {
            if (port == 0)
            {
                return;
            }

            if (!taken.TryAdd(port, path))
            {
                errors.Add(path, $"{Text(port)} is {taken[port]} already; allowed: a port of its own");
            }

            if (port >= node.Ports.First && port <= node.Ports.Last)
            {
                errors.Add(
                    path,
                    $"{Text(port)} is in the range of ports for instances, instancer.ports, {Text(node.Ports.First)} to {Text(node.Ports.Last)}; "
                    + "allowed: a port outside of it");
            }
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
