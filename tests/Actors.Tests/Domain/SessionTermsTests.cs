using Instancer.Actors.Connections;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>What a session is held to, and for how long it lasts.</summary>
public sealed class SessionTermsTests
{
    private const int SessionTooLong = 107;

    [Fact]
    public void A_session_is_held_to_the_limits_that_are_there_when_it_starts()
    {
        var lab = Serve(new ChallengeLimits { BytesPerSecond = 5, SendsProxyHeader = true });
        Assert.Equal((5, lab.RemoteAddress), (lab.Sessions[0].BytesPerSecond, lab.Sessions[0].ProxySource));
    }

    [Fact]
    public void Without_limits_it_is_held_to_its_tenure_alone()
        => Assert.Equal(new SessionTerms(UnlimitedTenure.Instance), Serve(ChallengeLimits.None).Sessions[0]);

    [Fact]
    public void It_is_reset_when_its_time_is_over()
    {
        var lab = Serve(new ChallengeLimits { SessionLength = TimeSpan.FromMinutes(3) });
        lab.Limits.Now = ChallengeLimits.None;
        lab.Actors.AdvanceSeconds(179.9);
        Assert.False(lab.Session.Task.IsCompleted);
        lab.Actors.AdvanceSeconds(0.1);
        Assert.True(lab.Session.Task.IsCompleted);
        Assert.Equal(["session-length"], lab.Outcomes.All);
        Assert.Single(lab.Actors.Log.Of(SessionTooLong));
    }

    [Fact]
    public void A_time_that_no_timer_can_wait_for_is_waited_for_all_the_same()
    {
        var lab = Serve(new ChallengeLimits { SessionLength = TimeSpan.FromDays(100) });
        lab.Actors.Advance(TimeSpan.FromDays(99.9));
        Assert.False(lab.Session.Task.IsCompleted);
        lab.Actors.Advance(TimeSpan.FromDays(0.1));
        Assert.True(lab.Session.Task.IsCompleted);
    }

    [Fact]
    public void One_that_ends_before_was_served()
    {
        var lab = Serve(new ChallengeLimits { SessionLength = TimeSpan.FromMinutes(3) });
        lab.Session.SetResult(new SessionEnd(SessionEndCause.Finished, 0, 0));
        lab.Actors.AdvanceSeconds(200);
        Assert.Equal(["served"], lab.Outcomes.All);
        Assert.Empty(lab.Actors.Log.Of(SessionTooLong));
    }

    [Fact]
    public void Who_dials_the_backend_tells_it_who_its_client_is()
    {
        var lab = new ForwardLab { Limits = { Now = new ChallengeLimits { BytesPerSecond = 5, SendsProxyHeader = true } } };
        lab.Client();
        lab.Reply(new ConnectionMessage.LeaseElsewhere(ForwardLab.Other, "it is there"));
        lab.Answer(new ForwardOutcome.Accepted(new ScriptedSocket()));
        Assert.Equal((5, null), (lab.Terms!.BytesPerSecond, lab.Terms.ProxySource));

        lab.Forwarded(new ForwardRequest(Keys.Of("ann"), "ann", "192.0.2.1:5"));
        lab.Reply(new ConnectionMessage.LeaseGranted(new Instances.TcpBackendAddress(ForwardLab.Other.EndPoint), UnlimitedTenure.Instance));
        Assert.Equal("192.0.2.1:5", lab.Terms.ProxySource);
    }

    private static OpeningLab Serve(ChallengeLimits limits)
    {
        var lab = new OpeningLab { Limits = { Now = limits } };
        lab.Connect();
        lab.SendPreamble();
        lab.Grant();
        return lab;
    }
}
