using System.Net;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Connections that one node passes on, and another takes over.</summary>
public sealed class ForwardTests
{
    private static readonly ConnectionMessage Elsewhere = new ConnectionMessage.LeaseElsewhere(ForwardLab.Other, "it is node-2's");
    private static readonly ForwardOutcome Moved = new ForwardOutcome.Moved("it is not mine");
    private static readonly ForwardRequest Request = new(Keys.Of("ann", 7), "ann", "192.0.2.9:1");

    private readonly ForwardLab _lab = new();

    [Fact]
    public void A_client_whose_key_is_another_nodes_is_passed_on_to_it_and_served()
    {
        var client = _lab.Client();
        Assert.False(_lab.Acquire.IsForwarded);
        _lab.Reply(Elsewhere);
        Assert.Equal((ForwardLab.Other, new ForwardRequest(Keys.Of("ann", 7), "ann", client.RemoteAddress)), (_lab.Forwards[0].To, _lab.Forwards[0].Request));
        _lab.Answer(new ForwardOutcome.Accepted(new ScriptedSocket()));

        // What this node only passes on does not depend on its own place.
        Assert.Equal([UnlimitedTenure.Instance], _lab.Sessions);
        Assert.False(client.IsClosed);
    }

    [Fact]
    public void What_the_other_node_refuses_is_closed()
    {
        var client = _lab.Client();
        _lab.Reply(Elsewhere);
        _lab.Answer(new ForwardOutcome.Refused("no room"));
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void If_the_key_has_moved_the_owner_is_asked_for_again_until_the_next_one_is_there()
    {
        var client = _lab.Client();
        for (var i = 1; i <= 10; i++)
        {
            _lab.Reply(Elsewhere);
            _lab.Answer(Moved);
            Assert.Equal(i, _lab.Forwards.Count);
            _lab.Lab.AdvanceSeconds(1);
        }

        _lab.Reply(new ConnectionMessage.LeaseGranted(new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, 2)), UnlimitedTenure.Instance));
        Assert.Single(_lab.Sessions);
        Assert.False(client.IsClosed);
    }

    [Fact]
    public void While_nobody_can_tell_whose_the_key_is_the_client_waits_for_a_while()
    {
        var client = _lab.Client();
        Assert.False(_lab.Acquire.IsAgain);
        _lab.Reply(new ConnectionMessage.LeaseElsewhere(null, "it is node-3's, of which nothing is known"));
        Assert.False(client.IsClosed);
        _lab.Lab.AdvanceSeconds(1);

        // Asked before: so no reset is carried out twice.
        Assert.True(_lab.Acquire is { IsAgain: true, StaysHere: false, IsForwarded: false });
        for (var i = 0; i < 32 && !client.IsClosed; i++)
        {
            _lab.Reply(new ConnectionMessage.LeaseElsewhere(null, "it is node-3's, of which nothing is known"));
            _lab.Lab.AdvanceSeconds(1);
        }

        Assert.True(client.IsClosed);
    }

    [Fact]
    public void A_node_that_was_chosen_and_is_not_to_be_had_is_not_chosen_again()
    {
        _lab.Client();
        _lab.Reply(Elsewhere);
        _lab.Answer(Moved);
        _lab.Lab.AdvanceSeconds(1);
        Assert.True(_lab.Acquire is { IsAgain: true, StaysHere: true, IsForwarded: false });
    }

    [Fact]
    public void A_reset_that_was_not_carried_out_is_asked_for_again()
    {
        _lab.Client();
        _lab.Reply(new ConnectionMessage.LeaseElsewhere(null, "the node stops") { IsUntouched = true });
        _lab.Lab.AdvanceSeconds(1);
        Assert.Equal(2, _lab.Registry.Received.OfType<RegistryMessage.Acquire>().Count());
        Assert.False(_lab.Acquire.IsAgain);
    }

    [Fact]
    public void Nobody_asks_for_ever()
    {
        var client = _lab.Client();
        while (!client.IsClosed)
        {
            Assert.True(_lab.Forwards.Count < 40, "it goes on asking");
            _lab.Reply(Elsewhere);
            _lab.Answer(Moved);
            _lab.Lab.AdvanceSeconds(1);
        }

        Assert.True(_lab.Forwards.Count > 10, "it gave up before the owner's place can have ended");
    }

    [Fact]
    public void A_client_that_goes_while_the_other_node_starts_is_noticed()
    {
        var client = _lab.Client();
        _lab.Reply(Elsewhere);
        client.ClientReset.SetResult();
        _lab.Lab.Run();
        Assert.True(client.IsClosed);

        // The other node's socket, come too late, is nobody's.
        var late = new ScriptedSocket();
        _lab.Answer(new ForwardOutcome.Accepted(late));
        Assert.True(late.IsClosed);
    }

    [Fact]
    public void A_client_whose_other_node_never_answers_is_closed_by_its_deadline()
    {
        var client = _lab.Client();
        _lab.Reply(Elsewhere);
        _lab.Lab.AdvanceSeconds(89);
        Assert.False(client.IsClosed);
        _lab.Lab.AdvanceSeconds(2);
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void What_another_node_passes_on_is_answered_before_it_is_relayed()
    {
        var socket = _lab.Forwarded(Request);
        Assert.True(_lab.Acquire.IsForwarded);
        Assert.Equal((Request.Key, "ann"), (_lab.Acquire.Key, _lab.Acquire.Client));
        Assert.Empty(socket.Answers);
        var tenure = new ScriptedTenure();
        _lab.Reply(new ConnectionMessage.LeaseGranted(new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, 2)), tenure));
        Assert.Equal([ForwardAnswer.Served], socket.Answers);
        Assert.Equal([tenure], _lab.Sessions);
    }

    [Fact]
    public void It_is_never_passed_on_again()
    {
        var socket = _lab.Forwarded(Request);
        _lab.Reply(Elsewhere);
        Assert.Equal([ForwardAnswer.Moved], socket.Answers);
        Assert.True(socket.IsClosed);
        Assert.Empty(_lab.Forwards);
    }

    [Fact]
    public void It_is_refused_where_a_client_would_be_closed()
    {
        var socket = _lab.Forwarded(Request);
        _lab.Reply(new ConnectionMessage.LeaseDenied("no room"));
        Assert.Equal([ForwardAnswer.Refused], socket.Answers);
        Assert.True(socket.IsClosed);
    }

    [Fact]
    public void A_challenge_that_is_not_here_is_refused()
        => Assert.Equal([ForwardAnswer.Refused], _lab.Forwarded(Request with { Key = Keys.Of("ann", challenge: "other") }).Answers);

    [Fact]
    public void What_is_no_request_is_closed_without_an_answer_and_asks_for_nothing()
    {
        var socket = _lab.Forwarded(new ForwardOpening.Invalid("it ended after 3 bytes"));
        Assert.True(socket.IsClosed);
        Assert.Empty(socket.Answers);
        Assert.Empty(_lab.Registry.Received);
        Assert.Equal(["not-accepted"], _lab.Outcomes.All);
    }

    [Fact]
    public void An_operators_question_is_counted_as_one_and_asks_for_nothing()
    {
        var socket = _lab.Forwarded(new ForwardOpening.Question());
        Assert.Empty(socket.Answers);
        Assert.Empty(_lab.Registry.Received);
        Assert.Equal(["question"], _lab.Outcomes.All);
    }
}
