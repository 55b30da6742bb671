using Instancer.Actors.Connections;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Tests.Domain;

/// <summary>From accept to admission: what a client is asked, what it sends, whose its token is, and what its socket is told of that.</summary>
public sealed class OpeningTests
{
    private const int AuthenticatorFault = 108;

    [Fact]
    public void Nothing_is_asked_before_what_comes_first_is_done()
    {
        var pass = new TaskCompletionSource<bool>();
        var lab = Connect(pass: new(pass.Task));
        Assert.False(lab.IsRead);
        pass.SetResult(true);
        lab.Actors.Run();
        Assert.True(lab.IsRead);
        lab.SendPreamble();
        Assert.True(lab is { IsAdmitted: true, IsErased: true, Notices: [ClientNotice.Accepted] });
    }

    [Theory]
    [InlineData(ChallengeScope.Identifier)]
    [InlineData(ChallengeScope.Connection)]
    public void Who_does_not_do_it_is_not_accepted(ChallengeScope scope)
    {
        var lab = Connect(scope, pass: new(false));
        Assert.True(lab is { IsClosed: true, IsRead: false, IsAdmitted: false });
        Assert.IsType<ClientNotice.NotAccepted>(Assert.Single(lab.Notices));
        Assert.Equal(["not-passed"], lab.Outcomes.All);
    }

    [Fact]
    public void Where_no_preamble_is_read_it_is_asked_all_the_same()
    {
        var pass = new TaskCompletionSource<bool>();
        var lab = Connect(ChallengeScope.Connection, new(pass.Task));
        Assert.False(lab.IsAdmitted);
        pass.SetResult(true);
        lab.Actors.Run();
        Assert.True(lab is { IsAdmitted: true, IsRead: false });
        Assert.True(Connect(ChallengeScope.Connection).IsAdmitted);
    }

    [Theory]
    [InlineData(ChallengeScope.Identifier)]
    [InlineData(ChallengeScope.Connection)]
    public void What_is_asked_has_its_own_time_beside_the_preamble_s(ChallengeScope scope)
    {
        var lab = Connect(scope, new(new TaskCompletionSource<bool>().Task), new ChallengeLimits { OpeningAllowance = TimeSpan.FromSeconds(20) });
        lab.Actors.AdvanceSeconds(29.9);
        Assert.False(lab.IsClosed);
        lab.Actors.AdvanceSeconds(0.1);
        Assert.True(lab.IsClosed);
        Assert.IsType<ClientNotice.NotAccepted>(Assert.Single(lab.Notices));
    }

    [Fact]
    public void A_failure_to_ask_serves_nobody()
    {
        var lab = Connect(pass: new(Task.FromException<bool>(new IOException("planned"))));
        Assert.True(lab is { IsClosed: true, IsRead: false, IsAdmitted: false });
    }

    [Fact]
    public void A_preamble_that_is_incomplete_or_late_is_not_accepted()
    {
        var incomplete = Connect();
        incomplete.Preamble.SetResult(new PreambleOutcome.Incomplete(129));
        incomplete.Actors.Run();
        var late = Connect();
        late.Actors.AdvanceSeconds(10);
        Assert.All([incomplete, late], lab => Assert.True(lab.IsClosed && !lab.IsAsked && lab.Notices is [ClientNotice.NotAccepted]));
        late.SendPreamble();
        Assert.True(late is { IsAsked: false, IsErased: true });
    }

    [Fact]
    public void Whoever_ends_without_a_byte_is_not_blamed()
    {
        var lab = Connect();
        lab.Preamble.SetResult(new PreambleOutcome.Incomplete(0));
        lab.Actors.Run();
        Assert.True(lab is { IsClosed: true, IsAsked: false, Notices: [ClientNotice.Denied] });
        Assert.Equal(["silent"], lab.Outcomes.All);
    }

    [Fact]
    public void An_answer_that_is_there_at_once_needs_no_message()
    {
        var lab = Connect();
        lab.Preamble.SetResult(new PreambleOutcome.Complete(new Preamble(new byte[Preamble.Length])));
        Assert.True(lab.Actors.Dispatcher.RunOne());
        Assert.True(lab.IsAsked);
        lab.Actors.Dispatcher.RunOne();
        Assert.True(lab.IsAdmitted);
    }

    [Fact]
    public void Whose_token_is_refused_at_once_or_later_is_not_accepted()
    {
        var atOnce = Connect(answer: new(result: null));
        atOnce.SendPreamble();
        var answer = new TaskCompletionSource<Authentication>();
        var later = Connect(answer: new(answer.Task));
        later.SendPreamble();
        Assert.False(later.IsClosed || later.IsErased);
        answer.SetResult(Authentication.FromClient(null));
        later.Actors.Run();
        Assert.All([atOnce, later], lab => Assert.True(lab is { IsClosed: true, IsAdmitted: false, IsErased: true, Notices: [ClientNotice.NotAccepted] }));
        Assert.All([atOnce, later], lab => Assert.Equal(["not-accepted"], lab.Outcomes.All));
    }

    [Fact]
    public void Who_is_accepted_later_is_admitted_then()
    {
        var answer = new TaskCompletionSource<Authentication>();
        var lab = Connect(answer: new(answer.Task));
        lab.SendPreamble();
        lab.Actors.AdvanceSeconds(9.9);
        Assert.False(lab.IsAdmitted);
        answer.SetResult(new Client("ann", Keys.Token("ann")));
        lab.Actors.Run();
        Assert.True(lab.IsAdmitted && lab.IsErased);
        lab.Actors.AdvanceSeconds(11);
        Assert.False(lab.IsClosed);
    }

    [Fact]
    public void Of_whom_nobody_can_say_is_not_served_and_not_blamed()
    {
        var lab = Connect(answer: new(Authentication.Unknown));
        lab.SendPreamble();
        Assert.True(lab is { IsClosed: true, IsAdmitted: false, IsErased: true, Notices: [ClientNotice.Denied] });
        Assert.Equal(["not-known"], lab.Outcomes.All);
    }

    [Fact]
    public void An_authenticator_that_fails_has_accepted_nobody()
    {
        var answer = new TaskCompletionSource<Authentication>();
        var lab = Connect(answer: new(answer.Task));
        lab.SendPreamble();
        answer.SetException(new IOException("planned"));
        lab.Actors.Run();
        Assert.True(lab is { IsClosed: true, IsAdmitted: false, IsErased: true, Notices: [ClientNotice.Denied] });
        Assert.Equal(LogLevel.Error, Assert.Single(lab.Actors.Log.Of(AuthenticatorFault)).Level);
    }

    [Fact]
    public void One_that_never_answers_is_waited_for_so_long()
    {
        var lab = Connect(answer: new(new TaskCompletionSource<Authentication>().Task));
        lab.Actors.AdvanceSeconds(5);
        lab.SendPreamble();
        lab.Actors.AdvanceSeconds(9.9);
        Assert.False(lab.IsClosed);
        lab.Actors.AdvanceSeconds(0.1);
        Assert.True(lab is { IsClosed: true, IsErased: true, Notices: [ClientNotice.Denied] });
    }

    [Fact]
    public void A_client_that_goes_meanwhile_is_let_go()
    {
        var answer = new TaskCompletionSource<Authentication>();
        var lab = Connect(answer: new(answer.Task));
        lab.SendPreamble();
        lab.ClientReset.SetResult();
        lab.Actors.Run();
        Assert.True(lab is { IsClosed: true, IsErased: true, Notices: [] });
        answer.SetCanceled();
        lab.Actors.Run();
        Assert.Empty(lab.Actors.Log.Of(AuthenticatorFault));
    }

    [Fact]
    public void What_becomes_of_who_waits_is_told_to_its_socket()
    {
        var lab = Admitted();
        lab.Tell(ConnectionMessage.LeasePending.Instance, new ConnectionMessage.StartAwaited(3), new ConnectionMessage.LeaseDenied("planned"));
        Assert.Equal([ClientNotice.Accepted.Instance, new ClientNotice.Waits(3), new ClientNotice.Denied()], lab.Notices);
        var other = Admitted();
        other.Tell(ConnectionMessage.LeasePending.Instance, ConnectionMessage.StartAwaited.Begins);
        other.Grant();
        Assert.Equal([ClientNotice.Accepted.Instance, new ClientNotice.Waits(null)], other.Notices);
    }

    [Fact]
    public void Who_is_served_after_all_waits_for_nothing_more()
    {
        var lab = Admitted();
        lab.Grant();
        lab.Tell(ConnectionMessage.StartAwaited.Begins, ConnectionMessage.GiveWay.Instance);
        Assert.IsType<ClientNotice.Accepted>(Assert.Single(lab.Notices));
        Assert.Single(lab.Sessions);
        Assert.False(lab.IsClosed);
    }

    private static OpeningLab Admitted()
    {
        var lab = Connect();
        lab.SendPreamble();
        return lab;
    }

    private static OpeningLab Connect(
        ChallengeScope scope = ChallengeScope.Identifier, ValueTask<bool>? pass = null, ChallengeLimits? limits = null, ValueTask<Authentication>? answer = null)
    {
        var lab = new OpeningLab { Scope = scope };
        lab.Pass = pass ?? lab.Pass;
        lab.Answer = answer ?? lab.Answer;
        lab.Limits.Now = limits ?? ChallengeLimits.None;
        lab.Connect();
        return lab;
    }
}
