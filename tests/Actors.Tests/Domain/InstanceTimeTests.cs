using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Time to live and idle time, through the real registry and instance: not a tick early, not a tick late.</summary>
public sealed class InstanceTimeTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private static readonly TimeSpan Ttl = TimeSpan.FromHours(1);
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);
    private static readonly InstanceKey Key = Keys.Of("ann");

    private readonly RegistryLab _lab = Lab(Ttl);

    [Fact]
    public void The_time_to_live_ends_on_the_tick_whoever_is_connected()
    {
        var connection = _lab.Connect(Key);
        Assert.NotNull(connection.Granted());
        StopsAfter(_lab, Ttl);
        Assert.Equal("Ttl", connection.Revoked());
    }

    [Fact]
    public void The_idle_time_ends_on_the_tick()
    {
        _lab.Disconnect(_lab.Connect(Key));
        StopsAfter(_lab, Idle);
    }

    [Fact]
    public void A_session_keeps_an_instance_from_idling_and_its_end_starts_the_time_anew()
    {
        _lab.Disconnect(_lab.Connect(Key));
        _lab.Actors.Advance(Idle - Tick);
        var second = _lab.Connect(Key);
        _lab.Actors.Advance(Idle * 2);
        Assert.Empty(_lab.Runtime.Stops);
        _lab.Disconnect(second);
        StopsAfter(_lab, Idle);
        Assert.Single(_lab.Runtime.Starts);
    }

    [Fact]
    public void Only_the_last_sessions_end_starts_the_idle_time()
    {
        var connections = new[] { _lab.Connect(Key), _lab.Connect(Key), _lab.Connect(Key) };
        _lab.Disconnect(connections[0]);
        _lab.Disconnect(connections[1]);
        _lab.Actors.Advance(Idle * 2);
        Assert.Empty(_lab.Runtime.Stops);
        _lab.Disconnect(connections[2]);
        StopsAfter(_lab, Idle);
    }

    [Fact]
    public void An_extension_is_added_to_the_time_to_live()
    {
        _lab.Connect(Key);
        var end = _lab.Find(Key)!.ExpiresAt;
        _lab.Actors.Advance(TimeSpan.FromMinutes(50));
        var extended = _lab.Ask<DateTimeOffset?>(reply => new RegistryMessage.Extend(Key, TimeSpan.FromMinutes(30), reply));
        Assert.Equal(end + TimeSpan.FromMinutes(30), extended);
        StopsAfter(_lab, TimeSpan.FromMinutes(40));
    }

    [Fact]
    public void A_time_to_live_beyond_what_one_timer_can_wait_is_exact_as_well()
    {
        var ttl = TimeSpan.FromDays(41);
        var lab = Lab(ttl);
        lab.Connect(Key);
        StopsAfter(lab, ttl);
    }

    [Fact]
    public void An_extension_beyond_the_calendars_end_is_cut_and_breaks_nothing()
    {
        var connection = _lab.Connect(Key);
        var extended = _lab.Ask<DateTimeOffset?>(reply => new RegistryMessage.Extend(Key, TimeSpan.MaxValue, reply));
        Assert.Equal(DateTimeOffset.MaxValue, extended);
        _lab.Actors.Advance(TimeSpan.FromDays(41));
        Assert.Null(connection.Revoked());
        Assert.Empty(_lab.Runtime.Stops);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-2)]
    public void A_step_of_the_wall_clock_changes_neither_time(int hours)
    {
        var busy = Keys.Of("busy");
        _lab.Connect(busy);
        _lab.Disconnect(_lab.Connect(Key));
        _lab.Actors.Time.StepWallClock(TimeSpan.FromHours(hours));
        var start = _lab.Actors.Time.GetElapsedTime(0);
        _lab.Actors.Advance(TimeSpan.FromHours(5));
        Assert.Equal([(Key, start + Idle), (busy, start + Ttl)], _lab.Runtime.Stops);
    }

    [Fact]
    public void An_adopted_instance_lives_until_the_end_that_its_birth_gave_it()
    {
        var lab = new RegistryLab(
            RegistryLab.Options(RegistryLab.Challenge() with { Ttl = Ttl, IdleTimeout = TimeSpan.FromDays(1) }),
            prepare: runtime => runtime.Plant(Key, BeforeStart(TimeSpan.FromMinutes(45))));
        StopsAfter(lab, TimeSpan.FromMinutes(15));
        Assert.Empty(lab.Runtime.Starts);
    }

    [Fact]
    public void An_adopted_instance_idles_from_its_adoption_on()
    {
        var lab = new RegistryLab(
            RegistryLab.Options(RegistryLab.Challenge() with { Ttl = Ttl, IdleTimeout = Idle }),
            prepare: runtime => runtime.Plant(Key, BeforeStart(TimeSpan.FromMinutes(45))));
        StopsAfter(lab, Idle);
    }

    private static RegistryLab Lab(TimeSpan ttl)
        => new(RegistryLab.Options(RegistryLab.Challenge() with { Ttl = ttl, IdleTimeout = Idle }) with
        {
            Reaper = new ReaperOptions { Interval = TimeSpan.FromHours(1) },
        });

    private static DateTimeOffset BeforeStart(TimeSpan before) => new TestKit.VirtualTime().GetUtcNow() - before;

    private static void StopsAfter(RegistryLab lab, TimeSpan span)
    {
        lab.Actors.Advance(span - Tick);
        Assert.Empty(lab.Runtime.Stops);
        lab.Actors.Advance(Tick);
        Assert.Equal(Key, Assert.Single(lab.Runtime.Stops).Key);
        Assert.Empty(lab.Runtime.Running);
        Assert.Null(lab.Find(Key));
    }
}
