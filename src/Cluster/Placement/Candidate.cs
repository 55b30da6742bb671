namespace Instancer.Cluster.Placement;

/// <summary>A node that a key may be placed at.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Instances">How many instances of the challenge it has, and those that are on their way to it.</param>
/// <param name="Max">How many it may have.</param>
internal sealed record Candidate(string Node, int Instances, int Max)
{
    /// <summary>How many more it can take; less than none if more were sent than it can.</summary>
    public long Room => (long)Max - Instances;
}
