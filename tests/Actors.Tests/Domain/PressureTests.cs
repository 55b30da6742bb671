using Instancer.Actors.Reaping;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Room runs short: through the real registry, instances and reaper.</summary>
public sealed class PressureTests
{
    private static readonly string[] Names = ["ann", "bob", "cid"];

    [Fact]
    public void The_fourth_client_of_a_pool_of_three_ports_is_served_and_the_oldest_goes()
        => TheOldestGoes(
            RegistryLab.Options(RegistryLab.Challenge(needsPort: true)) with { Ports = new PortRange(20000, 20002) }, StopCause.NoFreePort);

    [Fact]
    public void The_fourth_client_of_three_places_is_served_and_the_oldest_goes()
        => TheOldestGoes(RegistryLab.Options(RegistryLab.Challenge() with { MaxInstances = 3 }), StopCause.MaxInstances);

    [Fact]
    public void The_fourth_client_of_a_memory_budget_for_three_is_served_and_the_oldest_goes()
    {
        var options = RegistryLab.Options(RegistryLab.Challenge(memory: 64));
        TheOldestGoes(options with { Reaper = options.Reaper with { MemoryBudget = 64 * 3 + 63 } }, StopCause.MemoryBudget);
    }

    [Fact]
    public void Low_memory_culls_the_oldest_until_the_low_mark_is_covered()
    {
        var options = RegistryLab.Options(RegistryLab.Challenge(memory: 40));
        var lab = new RegistryLab(options with
        {
            Reaper = new ReaperOptions { MinAvailableMemory = 100, EnoughAvailableMemory = 150, Order = ReapOrder.Oldest },
        });
        var sessions = Fill(lab);
        lab.AvailableMemory = 99;
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal(["LowMemory", "LowMemory", null], sessions.Select(session => session.Revoked()));
    }

    [Fact]
    public void An_idle_instance_goes_before_an_older_busy_one()
    {
        var lab = new RegistryLab(RegistryLab.Options(RegistryLab.Challenge() with { MaxInstances = 3 }));
        var sessions = Fill(lab);
        lab.Disconnect(sessions[2]);
        Assert.NotNull(lab.Connect(Keys.Of("dan")).Granted());
        Assert.Equal(Keys.Of("cid"), Assert.Single(lab.Runtime.Stops).Key);
        Assert.All(sessions.Take(2), session => Assert.Null(session.Revoked()));
    }

    [Fact]
    public void With_nothing_to_cull_a_client_waits_and_is_served_when_something_becomes_ready()
    {
        var lab = new RegistryLab(
            RegistryLab.Options(RegistryLab.Challenge() with { MaxInstances = 1 }), prepare: runtime => runtime.HoldsStarts = true);
        var first = lab.Connect(Keys.Of("ann"));
        var second = lab.Connect(Keys.Of("bob"));
        Assert.Empty(second.Answers());
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.NotNull(first.Granted());
        // At the latest when the reaper looks again.
        lab.Actors.AdvanceSeconds(1);
        Assert.Equal("MaxInstances", first.Revoked());
        lab.Runtime.AnswerOne();
        lab.Actors.Run();
        Assert.NotNull(second.Granted());
    }

    private static void TheOldestGoes(NodeOptions options, StopCause cause)
    {
        var lab = new RegistryLab(options with { Reaper = options.Reaper with { Order = ReapOrder.Oldest } });
        var sessions = Fill(lab);
        lab.Disconnect(sessions[1]);
        var fourth = lab.Connect(Keys.Of("dan"));
        Assert.NotNull(fourth.Granted());
        Assert.Equal(cause.ToString(), sessions[0].Revoked());
        Assert.Equal(Keys.Of("ann"), Assert.Single(lab.Runtime.Stops).Key);
        Assert.Equal(3, lab.Runtime.Running.Count);
    }

    private static List<TestKit.TestProbe<Connections.ConnectionMessage>> Fill(RegistryLab lab)
        => Names.Select(name =>
        {
            lab.Actors.AdvanceSeconds(1);
            return lab.Connect(Keys.Of(name));
        }).ToList();
}
