namespace Instancer.Cluster.Placement;

/// <summary>
/// Where a key goes that nobody owns: here, because that saves a hop, unless this node is full or has clearly more than its share; else to the node with the most room.
/// </summary>
internal static class PlacementChoice
{
    /// <summary>So many instances above its share a node keeps, or an eighth of its share if that is more: being near is worth some difference.</summary>
    public const int Slack = 2;

    private const double SlackOfShare = 1.0 / 8;

    /// <summary>The name of the chosen node; null for this one.</summary>
    /// <param name="here">This node; null if it does not offer the challenge or is to leave.</param>
    /// <param name="others">All others that offer the challenge and are to stay.</param>
    /// <param name="gone">Those of them that are not to be chosen any more.</param>
    public static string? Choose(Candidate? here, Candidates others, IReadOnlyCollection<string> gone)
    {
        var best = others.Best(gone);
        return best is null || (here is { Room: > 0 } && (here.Instances < Share(here, others.Total(gone)) || IsBetter(here, best))) ? null : best.Node;
    }

    // How many instances it is to have, slack included, before others get what comes to it. A node's share is as large as what it may have is of what all may have.
    private static double Share(Candidate here, (long Instances, long Max) others)
    {
        var share = ((double)others.Instances + here.Instances) * here.Max / ((double)others.Max + here.Max);
        return share + Math.Max(Slack, share * SlackOfShare);
    }

    // Whether this node is filled to a lesser part than the one that would be chosen.
    private static bool IsBetter(Candidate here, Candidate other) => (double)here.Instances * other.Max <= (double)other.Instances * here.Max;
}
