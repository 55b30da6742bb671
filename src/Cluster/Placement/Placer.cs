using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Placement;

/// <summary>Chooses by what is known of the members now, and by what was sent where since.</summary>
internal sealed class Placer(ClusterOptions options, IMemberDirectory members, Load load, TimeProvider time)
{
    private readonly SentTable _sent = new(time);

    /// <summary>The node that a key of a challenge goes to; null for this one.</summary>
    /// <param name="challenge">The challenge.</param>
    /// <param name="gone">Nodes that are not to be chosen any more.</param>
    public Member? Choose(string challenge, IReadOnlyCollection<string> gone)
    {
        var all = members.All.Where(member => member.Name != options.Node && !gone.Contains(member.Name)).Append(Here()).ToList();
        var candidates = all.Where(member => !member.IsDraining && member.Loads.ContainsKey(challenge)).Select(member => Candidate(member, challenge)).ToList();
        var chosen = PlacementChoice.Choose(options.Node, candidates);
        return chosen == options.Node ? null : all.Find(member => member.Name == chosen);
    }

    /// <summary>A key of a challenge was placed.</summary>
    /// <param name="at">Where; null for this node.</param>
    /// <param name="challenge">The challenge.</param>
    public void Note(Member? at, string challenge) => _sent.Add(at ?? Here(), challenge);

    // Of itself a node knows more than it has told.
    private Member Here() => new(options.Node, options.Advertise) { IsDraining = load.IsDraining, Loads = load.Challenges, Revision = load.Report };

    private Candidate Candidate(Member member, string challenge)
    {
        var told = member.Loads[challenge];
        return new Candidate(member.Name, Math.Max(0, told.Instances) + _sent.Count(member, challenge), Math.Max(0, told.Max));
    }
}
