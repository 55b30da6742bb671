using System.Globalization;
using Instancer.Actors;

namespace Instancer.Gateway.Configuration;

/// <summary>The checks that take more than one option.</summary>
internal static class CrossChecks
{
    /// <summary>Reports ports that are meant for two things.</summary>
    public static void Check(
        NodeOptions node,
        OperatorSettings settings,
        IReadOnlyDictionary<string, ChallengeGate> gates,
        IReadOnlyDictionary<string, TlsSettings> tls,
        ConfigurationErrors errors)
    {
        Dictionary<int, string> taken = [];
        foreach (var port in node.Challenges.GroupBy(challenge => challenge.Port))
        {
            var all = port.ToList();
            var isShared = port.Key != 0 && all.Count > 1 && all.All(challenge => tls.ContainsKey(challenge.Name));
            foreach (var challenge in isShared ? all[..1] : all)
            {
                Take($"instancer.challenges.{challenge.Name}.port", challenge.Port);
            }

            if (isShared)
            {
                CheckNames(all, tls, errors);
                CheckProxies(all, gates, errors);
            }
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

    // One port for several: the name that a client asks for has to tell which it wants.
    private static void CheckNames(IReadOnlyList<Challenge> challenges, IReadOnlyDictionary<string, TlsSettings> tls, ConfigurationErrors errors)
    {
        Dictionary<string, string> taken = new(StringComparer.OrdinalIgnoreCase);
        foreach (var challenge in challenges)
        {
            var names = tls[challenge.Name].Names;
            foreach (var name in names.Count > 0 ? names : [""])
            {
                if (!taken.TryAdd(name, challenge.Name))
                {
                    errors.Add(
                        $"instancer.challenges.{challenge.Name}.tls.names",
                        name.Length > 0
                            ? $"{ConfigurationErrors.Show(name)} is a name of {taken[name]} already, on the same port; allowed: each name once"
                            : $"missing, as with {taken[name]} on the same port; allowed: one challenge of a port without names");
                }
            }
        }
    }

    // A proxy's header comes before the name: whoever is believed for one would be believed for all.
    private static void CheckProxies(List<Challenge> challenges, IReadOnlyDictionary<string, ChallengeGate> gates, ConfigurationErrors errors)
    {
        var first = gates[challenges[0].Name].Entry.ProxiesIn.ToHashSet();
        foreach (var challenge in challenges.Where(challenge => !first.SetEquals(gates[challenge.Name].Entry.ProxiesIn)))
        {
            errors.Add($"instancer.challenges.{challenge.Name}.proxies", $"not those of {challenges[0].Name}, on the same port; allowed: the same");
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
