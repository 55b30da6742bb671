namespace Instancer.Actors.Tests.Domain;

/// <summary>Who waits for a start is told where it stands, once.</summary>
public sealed class StartPositionTests
{
    private readonly RegistryLab _lab = new(RegistryLab.Options() with { StartQueue = new StartQueueOptions { ConcurrentStarts = 1 } });

    public StartPositionTests()
    {
        _lab.Actors.Run();
        _lab.Runtime.HoldsStarts = true;
    }

    [Fact]
    public void A_start_that_begins_at_once_has_no_place() => Assert.Equal([null], _lab.Connect(Keys.Of("ann")).Places());

    [Fact]
    public void Who_joins_a_start_that_has_begun_is_told_nothing()
    {
        _lab.Connect(Keys.Of("ann"));
        Assert.Empty(_lab.Connect(Keys.Of("ann")).Places());
    }

    [Fact]
    public void Those_who_wait_are_told_their_place_and_not_again_when_it_is_their_turn()
    {
        _lab.Connect(Keys.Of("ann", 1));
        var second = _lab.Connect(Keys.Of("ann", 2));
        var third = _lab.Connect(Keys.Of("ann", 3));
        var others = _lab.Connect(Keys.Of("bob", 1));
        Assert.Equal([1, 2, 2], [.. second.Places(), .. third.Places(), .. others.Places()]);
        for (var i = 0; i < 4; i++)
        {
            _lab.Runtime.AnswerOne();
            _lab.Actors.Run();
        }

        Assert.All([second, third, others], connection => Assert.True(connection.Granted() is not null && connection.Places().Count == 1));
    }

    [Fact]
    public void Who_joins_a_start_that_waits_is_told_where_it_stands_by_then()
    {
        _lab.Connect(Keys.Of("ann", 1));
        _lab.Connect(Keys.Of("bob", 1));
        var first = _lab.Connect(Keys.Of("cid", 1));
        _lab.Runtime.AnswerOne();
        _lab.Actors.Run();
        var second = _lab.Connect(Keys.Of("cid", 1));
        Assert.Equal([2, 1], [.. first.Places(), .. second.Places()]);
    }

    [Fact]
    public void One_that_runs_needs_no_start()
    {
        _lab.Runtime.HoldsStarts = false;
        _lab.Connect(Keys.Of("ann"));
        Assert.Empty(_lab.Connect(Keys.Of("ann")).Places());
    }
}
