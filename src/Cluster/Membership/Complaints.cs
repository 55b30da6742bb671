using Microsoft.Extensions.Logging;

namespace Instancer.Cluster.Membership;

/// <summary>Says what is wrong once, and not every second, until all was well again.</summary>
internal sealed class Complaints(string node, ILogger logger)
{
    /// <summary>So many are said: a text that is another each time must not fill the log.</summary>
    private const int Most = 5;

    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    public void Say(string reason)
    {
        if (_said.Count < Most && _said.Add(reason))
        {
            ClusterLog.NoAnswer(logger, node, reason);
        }
    }

    public void Clear() => _said.Clear();
}
