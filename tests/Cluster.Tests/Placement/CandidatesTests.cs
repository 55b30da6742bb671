using Instancer.Cluster.Placement;

namespace Instancer.Cluster.Tests.Placement;

/// <summary>Candidates that come, change and go.</summary>
public sealed class CandidatesTests
{
    private const string Self = "n5";

    [Fact]
    public void Whatever_has_changed_they_are_as_if_only_what_is_now_had_ever_been()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var candidates = new Candidates(Self);
            var now = new Dictionary<string, Candidate>();
            for (var step = 0; step < 100; step++)
            {
                var node = $"n{random.Next(10)}";
                if (node == Self)
                {
                    continue;
                }

                now.Remove(node);
                var candidate = random.Next(4) == 0 ? null : new Candidate(node, random.Next(8), random.Next(8));
                if (candidate is not null)
                {
                    now.Add(node, candidate);
                }

                candidates.Set(node, candidate);
                HashSet<string> gone = [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"n{random.Next(12)}")];
                var left = now.Values.Where(each => !gone.Contains(each.Node)).ToList();
                Assert.Equal((left.Sum(each => (long)each.Instances), left.Sum(each => (long)each.Max)), candidates.Total(gone));
                Assert.Equal(Best(left), candidates.Best(gone));
            }
        }
    }

    [Fact]
    public void What_all_may_have_may_be_more_than_a_number_of_32_bits()
    {
        var candidates = new Candidates(Self);
        candidates.Set("a", new Candidate("a", int.MaxValue, int.MaxValue));
        candidates.Set("b", new Candidate("b", int.MaxValue, int.MaxValue));
        Assert.Equal((2L * int.MaxValue, 2L * int.MaxValue), candidates.Total([]));
        Assert.Null(candidates.Best([]));
    }

    // Each one after this node comes before each one that is before it.
    private static Candidate? Best(List<Candidate> candidates) => candidates
        .Where(candidate => candidate.Room > 0)
        .OrderByDescending(candidate => candidate.Room)
        .ThenBy(candidate => string.CompareOrdinal(candidate.Node, Self) < 0)
        .ThenBy(candidate => candidate.Node, StringComparer.Ordinal)
        .FirstOrDefault();
}
