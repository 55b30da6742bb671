namespace Instancer.Cluster.Placement;

/// <summary>
/// Where a key goes that nobody owns: here, because that saves a hop, unless this node is full or has clearly more than its share; else to the node with the most room.
/// </summary>
internal static class PlacementChoice
{
    /// <summary>So many instances above its share a node keeps, or an eighth of its share if that is more: being near is worth some difference.</summary>
    public const int Slack = 2;

    private const double SlackOfShare = 1.0 / 8;

    /// <summary>The name of the chosen node.</summary>
    /// <param name="self">This node's name.</param>
    /// <param name="candidates">All that offer the challenge and are to stay, in any order; this node need not be one of them.</param>
    public static string Choose(string self, IReadOnlyCollection<Candidate> candidates)
    {
        // Of those with as much room each node prefers another one: the next after itself, around the alphabet.
        var best = candidates
            .Where(candidate => candidate.Node != self && candidate.Room > 0)
            .OrderByDescending(candidate => candidate.Room)
            .ThenBy(candidate => string.CompareOrdinal(candidate.Node, self) < 0)
            .ThenBy(candidate => candidate.Node, StringComparer.Ordinal)
            .FirstOrDefault();
        var here = candidates.FirstOrDefault(candidate => candidate.Node == self);
        return best is null || (here is { Room: > 0 } && (here.Instances < Share(here, candidates) || IsBetter(here, best))) ? self : best.Node;
    }

    // How many instances it is to have, slack included, before others get what comes to it. A node's share is as large as what it may have is of what all may have.
    private static double Share(Candidate here, IReadOnlyCollection<Candidate> candidates)
    {
        var instances = candidates.Sum(candidate => (double)candidate.Instances);
        var share = instances * here.Max / candidates.Sum(candidate => (double)candidate.Max);
        return share + Math.Max(Slack, share * SlackOfShare);
    }

    // Whether this node is filled to a lesser part than the one that would be chosen.
    private static bool IsBetter(Candidate here, Candidate other) => (double)here.Instances * other.Max <= (double)other.Instances * here.Max;
}
