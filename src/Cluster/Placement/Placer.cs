using Instancer.Cluster.Membership;

namespace Instancer.Cluster.Placement;

/// <summary>Chooses by what is known of the members now, and by what was sent where since. Any thread may use it.</summary>
internal sealed class Placer
{
    private readonly ClusterOptions _options;
    private readonly IMemberDirectory _members;
    private readonly Load _load;
    private readonly SentTable _sent;
    private readonly Lock _lock = new();
    // By the name of the challenge, once it was asked for.
    private readonly Dictionary<string, Candidates> _others = new(StringComparer.Ordinal);

    public Placer(ClusterOptions options, IMemberDirectory members, Load load, TimeProvider time)
    {
        (_options, _members, _load) = (options, members, load);
        _sent = new SentTable(time);
        members.Changed += OnChanged;
    }

    /// <summary>The node that a key of a challenge goes to; null for this one.</summary>
    /// <param name="challenge">The challenge.</param>
    /// <param name="gone">Nodes that are not to be chosen any more.</param>
    public Member? Choose(string challenge, IReadOnlyCollection<string> gone)
    {
        lock (_lock)
        {
            Forget();
            var others = Others(challenge);
            while (PlacementChoice.Choose(Candidate(Here(), challenge), others, gone) is { } chosen)
            {
                if (_members.Find(chosen) is { } member)
                {
                    return member;
                }

                // It has just gone, and this is about to be told.
                Update(chosen, challenge);
            }

            return null;
        }
    }

    /// <summary>A key of a challenge was placed.</summary>
    /// <param name="at">Where; null for this node.</param>
    /// <param name="challenge">The challenge.</param>
    public void Note(Member? at, string challenge)
    {
        lock (_lock)
        {
            Forget();
            _sent.Add(at ?? Here(), challenge);
            Update(at?.Name ?? _options.Node, challenge);
        }
    }

    private void Forget()
    {
        foreach (var (node, challenge) in _sent.Forget())
        {
            Update(node, challenge);
        }
    }

    private void OnChanged(string node)
    {
        lock (_lock)
        {
            foreach (var challenge in _others.Keys)
            {
                Update(node, challenge);
            }
        }
    }

    private Candidates Others(string challenge)
    {
        if (!_others.TryGetValue(challenge, out var others))
        {
            _others[challenge] = others = new Candidates(_options.Node);
            foreach (var member in _members.All)
            {
                Update(member.Name, challenge);
            }
        }

        return others;
    }

    // This node is none of the others: what it has to do changes without a word.
    private void Update(string node, string challenge)
    {
        if (node != _options.Node && _others.TryGetValue(challenge, out var others))
        {
            others.Set(node, _members.Find(node) is { } member ? Candidate(member, challenge) : null);
        }
    }

    // Of itself a node knows more than it has told.
    private Member Here() => new(_options.Node, _options.Advertise) { IsDraining = _load.IsDraining, Loads = _load.Challenges, Revision = _load.Report };

    private Candidate? Candidate(Member member, string challenge) => !member.IsDraining && member.Loads.TryGetValue(challenge, out var told)
        ? new Candidate(member.Name, Math.Max(0, told.Instances) + _sent.Count(member, challenge), Math.Max(0, told.Max))
        : null;
}
