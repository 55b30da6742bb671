using Instancer.Cluster.Placement;

namespace Instancer.Cluster.Tests.Placement;

/// <summary>Where a key goes that nobody owns.</summary>
public sealed class PlacementChoiceTests
{
    [Fact]
    public void Who_is_alone_keeps_everything_however_full_it_is()
    {
        Assert.Equal("a", Choose("a", [new("a", 0, 10)]));
        Assert.Equal("a", Choose("a", [new("a", 10, 10)]));
        Assert.Equal("a", Choose("a", [new("a", 5, 0)]));
        Assert.Equal("a", Choose("a", []));
    }

    [Fact]
    public void Who_is_full_sends_to_the_node_with_the_most_room()
    {
        Assert.Equal("c", Choose("a", [new("a", 10, 10), new("b", 9, 10), new("c", 8, 10)]));
        Assert.Equal("b", Choose("a", [new("a", 10, 10), new("b", 90, 100), new("c", 8, 10)]));
        Assert.Equal("a", Choose("a", [new("a", 10, 10), new("b", 10, 10), new("c", 12, 10)]));
    }

    [Fact]
    public void Who_does_not_offer_the_challenge_or_is_to_leave_sends_to_another_if_there_is_one()
    {
        Assert.Equal("b", Choose("a", [new("b", 9, 10), new("c", 9, 10)]));
        Assert.Equal("a", Choose("a", [new("b", 10, 10)]));
    }

    [Fact]
    public void Some_above_its_share_a_node_keeps_and_more_it_does_not()
    {
        Assert.Equal("a", Choose("a", [new("a", 0, 100), new("b", 0, 100)]));
        Assert.Equal("a", Choose("a", [new("a", 3, 100), new("b", 0, 100)]));
        Assert.Equal("b", Choose("a", [new("a", 4, 100), new("b", 0, 100)]));
        // An eighth of the share, where that is more.
        Assert.Equal("a", Choose("a", [new("a", 89, 1000), new("b", 71, 1000)]));
        Assert.Equal("b", Choose("a", [new("a", 90, 1000), new("b", 70, 1000)]));
    }

    [Fact]
    public void Of_those_with_as_much_room_each_prefers_another()
    {
        Candidate[] all = [new("a", 9, 9), new("b", 9, 9), new("c", 0, 9), new("d", 0, 9)];
        Assert.Equal("c", Choose("a", all));
        Assert.Equal("d", Choose("c", [.. all[..2], new("c", 9, 9), new("d", 0, 9)]));
        Assert.Equal("a", Choose("d", [new("a", 0, 9), new("b", 0, 9), new("d", 9, 9)]));
        Assert.Equal("c", Choose("a", [.. all.Reverse()]));
    }

    [Fact]
    public void What_is_chosen_offers_the_challenge_and_has_room_or_is_here()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var all = Enumerable.Range(0, random.Next(1, 50)).Select(i => new Candidate($"n{i}", random.Next(0, 30), random.Next(0, 30))).ToArray();
            var self = $"n{random.Next(0, 60)}";
            var chosen = Choose(self, all);
            random.Shuffle(all);
            Assert.Equal(chosen, Choose(self, all));
            if (chosen != self)
            {
                var best = all.Where(candidate => candidate.Node != self).Max(candidate => candidate.Room);
                var there = all.Single(candidate => candidate.Node == chosen);
                Assert.True(there.Room > 0 && there.Room == best, $"seed {seed}: {there} of {string.Join(", ", all.Select(each => each.ToString()))}");
            }
            else if (all.SingleOrDefault(candidate => candidate.Node == self) is not { Room: > 0 })
            {
                Assert.All(all, candidate => Assert.True(candidate.Node == self || candidate.Room <= 0, $"seed {seed}: it is full, and {candidate} is not"));
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(50)]
    public void Of_keys_that_all_arrive_at_one_node_each_gets_its_share(int nodes)
    {
        var instances = new int[nodes];
        for (var key = 1; key <= 40 * nodes; key++)
        {
            instances[Arrive(instances, 0, max: 100)]++;
            var share = (double)key / nodes;
            Assert.InRange(instances[0], Math.Min(key, Math.Floor(share)), share + Math.Max(PlacementChoice.Slack, share / 8) + 1);
            Assert.InRange(instances[1..].Max() - instances[1..].Min(), 0, 1);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(50)]
    public void Keys_that_arrive_in_turn_stay_where_they_arrive(int nodes)
    {
        var instances = new int[nodes];
        for (var key = 0; key < 90 * nodes; key++)
        {
            Assert.Equal(key % nodes, Arrive(instances, key % nodes, max: 100));
            instances[key % nodes]++;
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(50)]
    public void Of_keys_that_arrive_anywhere_nearly_all_stay_where_they_arrive(int nodes)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var instances = new int[nodes];
            var stayed = 0;
            for (var key = 0; key < 60 * nodes; key++)
            {
                var at = random.Next(nodes);
                var chosen = Arrive(instances, at, max: 100);
                instances[chosen]++;
                stayed += chosen == at ? 1 : 0;
            }

            Assert.InRange(stayed, 0.85 * 60 * nodes, 60 * nodes);
        }
    }

    [Fact]
    public void A_cluster_is_filled_to_the_last_place_before_any_node_is_overfull()
    {
        var instances = new int[50];
        for (var key = 0; key < 50 * 20; key++)
        {
            var at = key % 5;
            instances[Arrive(instances, at, max: 20)]++;
        }

        Assert.All(instances, count => Assert.Equal(20, count));
    }

    private static string Choose(string self, Candidate[] all)
    {
        var others = new Candidates(self);
        foreach (var candidate in all.Where(candidate => candidate.Node != self))
        {
            others.Set(candidate.Node, candidate);
        }

        return PlacementChoice.Choose(Array.Find(all, candidate => candidate.Node == self), others, []) ?? self;
    }

    private static int Arrive(int[] instances, int at, int max)
    {
        var chosen = Choose($"n{at:000}", [.. instances.Select((count, i) => new Candidate($"n{i:000}", count, max))]);
        return int.Parse(chosen.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
    }
}
