using Instancer.Actors.Connections;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

public sealed class OpeningsTests
{
    private readonly Openings _openings = new();
    private readonly ActorLab _lab = new();

    [Fact]
    public void The_oldest_is_the_first_that_is_not_over()
    {
        var all = Add(3);
        Assert.Same(all[0], _openings.Oldest);
        all[1].End();
        all[0].End();
        Assert.Same(all[2], _openings.Oldest);
        _openings.RemoveOldest();
        Assert.Null(_openings.Oldest);
    }

    [Fact]
    public void Behind_one_that_stays_silent_nothing_piles_up()
    {
        var silent = Add(1)[0];
        for (var i = 0; i < 10_000; i++)
        {
            Add(1)[0].End();
            Assert.InRange(_openings.Count, 1, 70);
        }

        Assert.Same(silent, _openings.Oldest);
    }

    [Fact]
    public void Those_that_are_open_are_all_kept()
    {
        var all = Add(1000);
        foreach (var opening in all)
        {
            Assert.Same(opening, _openings.Oldest);
            opening.End();
        }

        Assert.Null(_openings.Oldest);
        Assert.Equal(0, _openings.Count);
    }

    [Fact]
    public void What_is_over_holds_no_connection()
    {
        var connection = _lab.Probe<ConnectionMessage>().Ref;
        var early = new Opening(TimeSpan.Zero) { Connection = connection };
        early.End();
        var late = new Opening(TimeSpan.Zero);
        late.End();
        late.Connection = connection;
        Assert.True(early.Connection is null && late.Connection is null);
    }

    private List<Opening> Add(int count)
    {
        var added = Enumerable.Range(0, count).Select(number => new Opening(TimeSpan.FromSeconds(number))).ToList();
        added.ForEach(_openings.Add);
        return added;
    }
}
