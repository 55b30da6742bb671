using Instancer.Actors.Registry;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

public sealed class PortPoolTests
{
    private readonly VirtualTime _time = new();
    private readonly PortPool _pool;

    public PortPoolTests() => _pool = new PortPool(new PortRange(100, 102), _time);

    [Fact]
    public void Every_port_of_the_range_is_leased_once_and_then_none()
    {
        var ports = Enumerable.Range(0, 3).Select(i => _pool.Lease(Keys.Of("ann", i))).ToList();
        Assert.Equal([100, 101, 102], ports);
        Assert.Null(_pool.Lease(Keys.Of("bob")));
        Assert.Equal(0, _pool.Free);
        Assert.Equal(3, _pool.Leases.Count);
    }

    [Fact]
    public void The_port_that_has_been_free_for_longest_is_next()
    {
        _pool.Lease(Keys.Of("ann"));
        _pool.Return(Keys.Of("ann"));
        Assert.Equal(101, _pool.Lease(Keys.Of("bob")));
    }

    [Fact]
    public void A_key_has_at_most_one_port()
    {
        _pool.Lease(Keys.Of("ann"));
        Assert.Throws<InvalidOperationException>(() => _pool.Lease(Keys.Of("ann")));
        Assert.Equal(2, _pool.Free);
    }

    [Fact]
    public void A_lease_is_returned_once_and_only_by_its_key()
    {
        _pool.Lease(Keys.Of("ann"));
        _pool.Return(Keys.Of("bob"));
        Assert.Equal(2, _pool.Free);
        _pool.Return(Keys.Of("ann"));
        _pool.Return(Keys.Of("ann"));
        Assert.Equal(3, _pool.Free);
        Assert.Empty(_pool.Leases);
    }

    [Fact]
    public void A_port_that_somebody_else_has_rests_for_a_minute_to_the_tick()
    {
        _pool.Lease(Keys.Of("ann"));
        _pool.Return(Keys.Of("ann"), taken: true);
        _time.Advance(PortPool.Rest - TimeSpan.FromTicks(1));
        Assert.Equal(2, _pool.Free);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(3, _pool.Free);
    }

    [Fact]
    public void An_adopted_backends_port_is_taken_out_of_the_free_ones()
    {
        Assert.True(_pool.Occupy(Keys.Of("ann"), 101));
        Assert.True(_pool.Occupy(Keys.Of("ann"), 101));
        Assert.Equal([100, 102], new[] { _pool.Lease(Keys.Of("bob")), _pool.Lease(Keys.Of("cid")) }.Select(port => port!.Value));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(103)]
    [InlineData(100)]
    public void A_port_outside_of_the_range_or_of_another_key_cannot_be_occupied(int port)
    {
        _pool.Lease(Keys.Of("ann"));
        Assert.False(_pool.Occupy(Keys.Of("bob"), port));
        Assert.Equal(2, _pool.Free);
    }

    [Fact]
    public void A_key_that_has_a_port_cannot_occupy_another()
    {
        _pool.Lease(Keys.Of("ann"));
        Assert.False(_pool.Occupy(Keys.Of("ann"), 102));
        Assert.Equal(2, _pool.Free);
    }
}
