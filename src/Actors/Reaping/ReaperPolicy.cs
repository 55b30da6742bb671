using System.Collections.Immutable;
using Instancer.Actors.Instances;

namespace Instancer.Actors.Reaping;

/// <summary>An instance that is to go.</summary>
/// <param name="Key">Which.</param>
/// <param name="Cause">Why.</param>
/// <param name="WasIdle">Whether it was chosen as one without clients; if it has one by then, it is kept.</param>
internal readonly record struct Victim(InstanceKey Key, StopCause Cause, bool WasIdle);

/// <summary>Chooses who goes; see <see cref="ReaperPolicy.Choose"/>.</summary>
internal delegate IReadOnlyList<Victim> ReaperChoice(
    ReaperOptions options, ImmutableArray<Candidate> candidates, RoomDemand demand, MemoryReading memory);

/// <summary>
/// Who goes when room or memory runs short: a pure function. Time to live and idle time are kept by each instance itself,
/// to the tick. Only instances that are ready are ever chosen: one that starts has somebody waiting for it, and one that stops is on its
/// way, so that what it gives back counts already. Spares go first, whatever the order: nobody misses them.
/// </summary>
internal static class ReaperPolicy
{
    /// <summary>The victims in the order in which they are to go: no more than what is missing takes.</summary>
    /// <param name="options">Order and marks.</param>
    /// <param name="candidates">Every instance of the node.</param>
    /// <param name="demand">What waiting starts lack.</param>
    /// <param name="memory">The host's memory.</param>
    public static IReadOnlyList<Victim> Choose(
        ReaperOptions options, ImmutableArray<Candidate> candidates, RoomDemand demand, MemoryReading memory)
    {
        var selection = new Selection(options.Order, candidates);
        foreach (var (challenge, places) in demand.Places)
        {
            selection.Free(StopCause.MaxInstances, places, instance => instance.Key.Challenge == challenge ? 1 : 0);
        }

        selection.Free(StopCause.NoFreePort, demand.Ports, instance => instance.Port is null ? 0 : 1);
        selection.Free(StopCause.MemoryBudget, demand.Memory, instance => instance.Memory ?? 0);
        if (memory.Available < options.MinAvailableMemory)
        {
            // What an instance without a limit gives back is known only when it is gone: one at a time, then measure again.
            var missing = options.EnoughAvailableMemory - memory.Available;
            selection.Free(StopCause.LowMemory, missing, instance => instance.Memory ?? missing);
        }

        return selection.Victims();
    }

    private sealed class Selection(ReapOrder order, ImmutableArray<Candidate> candidates)
    {
        private static readonly Comparer<Rank> YoungestFirst = Comparer<Rank>.Create((one, other) => other.CompareTo(one));

        private readonly Dictionary<InstanceKey, (InstanceInfo Instance, StopCause Cause, Rank Rank)> _chosen = [];

        /// <summary>Chooses until what is on its way out and what was chosen gives <paramref name="missing"/> back.</summary>
        public void Free(StopCause cause, long missing, Func<InstanceInfo, long> gives)
        {
            missing -= _chosen.Values.Sum(chosen => gives(chosen.Instance));
            if (missing <= 0)
            {
                return;
            }

            // The oldest that are enough, of all looked at so far; on top the youngest of them, which an older one may make needless.
            // So one look at each instance will do, and nothing the size of them all is sorted.
            // What an instance gives is asked last, for that is a look into the instance itself.
            var enough = new PriorityQueue<InstanceInfo, Rank>(YoungestFirst);
            for (var i = 0; i < candidates.Length; i++)
            {
                var candidate = candidates[i];
                if (candidate.State == InstanceState.Stopping)
                {
                    missing -= gives(candidate.Instance);
                }
                else if (candidate.State is InstanceState.Ready or InstanceState.Idle or InstanceState.Warm
                    && RankOf(candidate, i) is var rank
                    && (missing > 0 || (enough.TryPeek(out _, out var youngest) && rank.CompareTo(youngest) < 0))
                    && gives(candidate.Instance) is > 0 and var given
                    && !_chosen.ContainsKey(candidate.Instance.Key))
                {
                    enough.Enqueue(candidate.Instance, rank);
                    missing -= given;
                }
                else
                {
                    continue;
                }

                while (enough.TryPeek(out var last, out _) && missing + gives(last) <= 0)
                {
                    missing += gives(enough.Dequeue());
                }
            }

            foreach (var (victim, rank) in enough.UnorderedItems)
            {
                _chosen.Add(victim.Key, (victim, cause, rank));
            }
        }

        public IReadOnlyList<Victim> Victims()
            => [.. _chosen.Values
                .OrderBy(chosen => chosen.Rank)
                .Select(chosen => new Victim(chosen.Instance.Key, chosen.Cause, chosen.Instance.State != InstanceState.Ready))];

        private Rank RankOf(in Candidate candidate, int place)
            => new(ClassOf(candidate.State), candidate.CreatedAt, place);

        private int ClassOf(InstanceState state)
            => state == InstanceState.Warm ? 0
            : order == ReapOrder.OldestIdleFirst && state != InstanceState.Idle ? 2
            : 1;
    }

    /// <summary>Where an instance stands in the order: lower goes first; of two that are equally old, the one that is listed first.</summary>
    private readonly record struct Rank(int Class, long CreatedAt, int Place) : IComparable<Rank>
    {
        public int CompareTo(Rank other)
            => Class != other.Class ? Class.CompareTo(other.Class)
            : CreatedAt != other.CreatedAt ? CreatedAt.CompareTo(other.CreatedAt)
            : Place.CompareTo(other.Place);
    }
}
