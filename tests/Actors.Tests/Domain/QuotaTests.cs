using Instancer.Actors.Connections;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>What one token may have, in the registry and its instances.</summary>
public sealed class QuotaTests
{
    private const string Full = "its token has as many instances as it may have";
    private const string TooOften = "its token has had as many starts within a minute as it may have";
    private readonly ChangingLimits _limits = new();

    [Fact]
    public void Past_its_number_a_token_is_refused_and_others_are_not()
    {
        var lab = Lab(new ChallengeLimits { InstancesPerToken = 2 });
        lab.Connect(Keys.Of("ann", 1));
        lab.Connect(Keys.Of("ann", 2));
        Assert.Equal(Full, lab.Connect(Keys.Of("ann", 3)).Denied());
        Assert.NotNull(lab.Connect(Keys.Of("ann", 2)).Granted());
        Assert.NotNull(lab.Connect(Keys.Of("bob", 1)).Granted());
        Assert.Equal(3, lab.Runtime.Running.Count);
    }

    [Fact]
    public void Starts_under_way_and_waiting_count()
    {
        var lab = Lab(new ChallengeLimits { InstancesPerToken = 2 }, concurrentStarts: 1);
        lab.Runtime.HoldsStarts = true;
        var first = lab.Connect(Keys.Of("ann", 1));
        var second = lab.Connect(Keys.Of("ann", 2));
        Assert.Equal(Full, lab.Connect(Keys.Of("ann", 3)).Denied());
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.True(first.Granted() is not null && second.Granted() is not null);
    }

    [Fact]
    public void A_denial_is_no_failed_start()
    {
        var lab = Lab(new ChallengeLimits { InstancesPerToken = 1 });
        var first = lab.Connect(Keys.Of("ann", 1));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Full, lab.Connect(Keys.Of("ann", 2)).Denied());
        }

        Assert.Null(lab.Find(Keys.Of("ann", 2)));
        lab.Disconnect(first);
        lab.Ask<bool>(reply => new RegistryMessage.Stop(Keys.Of("ann", 1), StopCause.Operator, reply));
        Assert.NotNull(lab.Connect(Keys.Of("ann", 2)).Granted());
    }

    [Fact]
    public void Where_the_oldest_goes_the_client_waits_until_it_has()
    {
        var lab = Lab(Oldest(2));
        var oldest = lab.Connect(Keys.Of("ann", 1));
        lab.Actors.AdvanceSeconds(1);
        var younger = lab.Connect(Keys.Of("ann", 2));
        lab.Actors.AdvanceSeconds(1);
        var others = lab.Connect(Keys.Of("bob", 1));
        var next = lab.Connect(Keys.Of("ann", 3));
        Assert.Equal("TokenFull", oldest.Revoked());
        Assert.Null(younger.Revoked());
        Assert.Null(others.Revoked());
        Assert.NotNull(next.Granted());
        Assert.Equal([Keys.Of("ann", 1)], lab.Runtime.Stops.Select(stop => stop.Key));
    }

    [Fact]
    public void One_that_starts_is_let_finish_and_then_it_goes()
    {
        var lab = Lab(Oldest(1));
        lab.Runtime.HoldsStarts = true;
        var first = lab.Connect(Keys.Of("ann", 1));
        var second = lab.Connect(Keys.Of("ann", 2));
        var third = lab.Connect(Keys.Of("ann", 3));
        Assert.Equal(1, lab.Runtime.Held);
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.True(first.Granted() is not null && first.Revoked() is not null);
        Assert.Equal(1, lab.Runtime.Held);
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.True(second.Revoked() is not null && third.Granted() is not null && third.Revoked() is null);
        Assert.Equal([Keys.Of("ann", 3)], lab.Runtime.Running);
    }

    [Fact]
    public void A_number_that_is_lowered_makes_all_go_that_are_too_many_when_another_is_wanted()
    {
        var lab = Lab(Oldest(4));
        for (var i = 1; i <= 4; i++)
        {
            lab.Connect(Keys.Of("ann", i));
            lab.Actors.AdvanceSeconds(1);
        }

        _limits.Now = Oldest(2);
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal(4, lab.Runtime.Running.Count);
        Assert.NotNull(lab.Connect(Keys.Of("ann", 5)).Granted());
        Assert.Equal([Keys.Of("ann", 4), Keys.Of("ann", 5)], lab.Runtime.Running.Order(KeyOrder));
    }

    [Fact]
    public void Nobody_else_s_instance_goes_for_a_token_that_has_its_number()
    {
        var lab = Lab(Oldest(1), maxInstances: 2);
        lab.Connect(Keys.Of("bob", 1));
        lab.Runtime.HoldsStarts = true;
        lab.Connect(Keys.Of("ann", 1));
        lab.Connect(Keys.Of("ann", 2));
        lab.Actors.AdvanceSeconds(5);
        Assert.Empty(lab.Runtime.Stops);
    }

    [Fact]
    public void So_many_starts_a_minute_and_no_more()
    {
        var lab = Lab(new ChallengeLimits { StartsPerMinute = 2 });
        lab.Connect(Keys.Of("ann", 1));
        lab.Actors.AdvanceSeconds(30);
        lab.Connect(Keys.Of("ann", 2));
        Assert.Equal(TooOften, lab.Connect(Keys.Of("ann", 3)).Denied());
        Assert.NotNull(lab.Connect(Keys.Of("bob", 1)).Granted());
        lab.Actors.AdvanceSeconds(29.9);
        Assert.Equal(TooOften, lab.Connect(Keys.Of("ann", 3)).Denied());
        lab.Actors.AdvanceSeconds(0.1);
        Assert.NotNull(lab.Connect(Keys.Of("ann", 3)).Granted());
        Assert.Equal(TooOften, lab.Connect(Keys.Of("ann", 4)).Denied());
    }

    [Fact]
    public void Starts_are_remembered_when_the_registry_fails()
    {
        var lab = Lab(new ChallengeLimits { StartsPerMinute = 1 });
        lab.Connect(Keys.Of("ann", 1));
        lab.Runtime.ThrowsAtNextList = true;
        lab.Actors.AdvanceSeconds(31);
        Assert.False(lab.Runtime.ThrowsAtNextList);
        Assert.Equal(TooOften, lab.Connect(Keys.Of("ann", 2)).Denied());
    }

    [Fact]
    public void A_spare_that_is_taken_is_a_start_and_one_that_waits_is_nobody_s()
    {
        var lab = Lab(new ChallengeLimits { InstancesPerToken = 1, StartsPerMinute = 1 }, warm: 2);
        lab.Actors.AdvanceSeconds(1);
        Assert.NotNull(lab.Connect(Keys.Of("ann", 1)).Granted());
        Assert.Single(lab.Runtime.Takes);
        Assert.NotNull(lab.Connect(Keys.Of("ann", 2)).Denied());
    }

    [Fact]
    public void Of_several_that_ask_at_once_while_spares_are_there_one_is_served()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var lab = Lab(new ChallengeLimits { InstancesPerToken = 1 }, warm: 3, seed: seed);
            lab.Actors.AdvanceSeconds(1);
            var connections = Enumerable.Range(1, 3).Select(_ => lab.Actors.Probe<ConnectionMessage>()).ToList();
            lab.Actors.Tell(lab.Registry, [.. connections.Select((connection, index) => new RegistryMessage.Acquire(Keys.Of("ann", index + 1), null, connection.Ref))]);
            Assert.Single(lab.Runtime.Takes);
            Assert.Equal([Full, Full], connections.Select(connection => connection.Denied()).OfType<string>());
        }
    }

    [Fact]
    public void Where_there_is_no_token_none_is_counted()
    {
        var lab = Lab(new ChallengeLimits { InstancesPerToken = 1, StartsPerMinute = 1 }, scope: ChallengeScope.Connection);
        Assert.NotNull(lab.Connect(Keys.Of("ann", 1)).Granted());
        Assert.NotNull(lab.Connect(Keys.Of("ann", 2)).Granted());
    }

    [Fact]
    public void An_instance_has_so_many_sessions_and_no_more()
    {
        var lab = Lab(new ChallengeLimits { SessionsPerInstance = 2 });
        lab.Runtime.HoldsStarts = true;
        var first = lab.Connect(Keys.Of("ann"));
        var second = lab.Connect(Keys.Of("ann"));
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Denied());
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.True(first.Granted() is not null && second.Granted() is not null);
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Denied());
        lab.Disconnect(first);
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
        _limits.Now = ChallengeLimits.None;
        Assert.NotNull(lab.Connect(Keys.Of("ann")).Granted());
    }

    private static Comparer<InstanceKey> KeyOrder { get; } = Comparer<InstanceKey>.Create((one, other) => one.Identifier.CompareTo(other.Identifier));

    private static ChallengeLimits Oldest(int most) => new() { InstancesPerToken = most, WhenTokenFull = TokenFullAction.OldestGoes };

    private RegistryLab Lab(ChallengeLimits limits, int concurrentStarts = 8, int maxInstances = 1000, int warm = 0, ChallengeScope scope = ChallengeScope.Identifier, int seed = 0)
    {
        _limits.Now = limits;
        var options = RegistryLab.Options(RegistryLab.Challenge() with { MaxInstances = maxInstances, Warm = warm, Scope = scope });
        var lab = new RegistryLab(options with { StartQueue = new StartQueueOptions { ConcurrentStarts = concurrentStarts } }, seed, limits: _limits);
        lab.Actors.Run();
        return lab;
    }
}
