using Instancer.Actors.Connections;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>What may happen while the owner starts the instance.</summary>
public sealed class ForwardWaitTests
{
    [Theory, EachTransport]
    public async Task A_client_that_goes_away_meanwhile_is_seen_by_the_owner(string transport)
    {
        using var rig = new PeerRig(transport);
        using var given = new CancellationTokenSource();
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, given.Token);
        var (socket, _) = await rig.AcceptRequestAsync();
        var waiting = socket.WaitForResetAsync(default);
        Assert.False(waiting.IsCompleted);

        await given.CancelAsync();

        await waiting.WaitAsync(RawSocket.Deadline);
        Assert.Equal($"{rig.Address}: given up", Assert.IsType<ForwardOutcome.Moved>(await forwarding.WaitAsync(RawSocket.Deadline)).Reason);
    }

    // A process that is killed has its connections closed in order, as far as its system had read everything.
    [Theory, EachTransport]
    public async Task A_first_node_that_was_killed_meanwhile_is_seen_by_the_owner(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        var (socket, _) = await peer.RequestAsync();
        var waiting = socket.WaitForResetAsync(default);
        Assert.False(waiting.IsCompleted);

        peer.Socket.Dispose();

        await waiting.WaitAsync(RawSocket.Deadline);
        socket.Answer(ForwardAnswer.Served);
        socket.Dispose();
    }

    [Theory, EachTransport]
    public async Task A_client_that_went_away_just_before_the_answer_has_a_session_that_ended(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        var (socket, _) = await peer.RequestAsync();
        var waiting = socket.WaitForResetAsync(default);
        peer.Socket.Reset();
        await waiting.WaitAsync(RawSocket.Deadline);

        var (server, session) = await rig.ServeAsync(socket);

        await server.ExpectResetAsync();
        Assert.Equal(new SessionEnd(SessionEndCause.ClientReset, 0, 0), await session.Completion.WaitAsync(RawSocket.Deadline));
        session.Reset();
        socket.Reset();
        socket.Dispose();
    }

    [Theory, EachTransport]
    public async Task There_is_no_session_before_there_is_an_answer(string transport)
    {
        using var rig = new PeerRig(transport);
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (socket, _) = await rig.AcceptRequestAsync();
        var (_, dialled) = await rig.A.DialAsync();

        Assert.Throws<InvalidOperationException>(() => new ForwardRelay(rig.B).Start(socket, dialled));

        socket.Reset();
        Assert.IsType<ForwardOutcome.Moved>(await forwarding.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_wait_that_is_given_up_leaves_the_socket_to_the_session(string transport)
    {
        using var rig = new PeerRig(transport);
        using var enough = new CancellationTokenSource();
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (socket, _) = await rig.AcceptRequestAsync();
        var waiting = socket.WaitForResetAsync(enough.Token);

        await enough.CancelAsync();
        var (server, _) = await rig.ServeAsync(socket);
        await server.SendAsync("hello"u8.ToArray());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(RawSocket.Deadline));
        var served = Assert.IsType<ForwardOutcome.Accepted>(await forwarding.WaitAsync(RawSocket.Deadline)).Socket;
        var (client, accepted) = await rig.A.AcceptAsync();
        rig.A.Transport.Start(accepted, served);
        Assert.Equal("hello"u8.ToArray(), await client.ReceiveAsync(5));
    }

    [Theory, EachTransport]
    public async Task Once_it_is_served_an_end_is_the_clients_and_a_reset_is_one(string transport)
    {
        using var rig = new PeerRig(transport);
        using var peer = await RawPeer.DialAsync(rig);
        var (socket, _) = await peer.RequestAsync();
        socket.Answer(ForwardAnswer.Served);
        Assert.Equal((byte)ForwardAnswer.Served, (await peer.Socket.ReceiveAsync(37))[0]);
        var waiting = socket.WaitForResetAsync(default);

        await peer.Socket.SendAsync(new byte[10]);
        peer.Socket.EndSending();
        await rig.A.AcceptAsync();
        Assert.False(waiting.IsCompleted);
        peer.Socket.Reset();

        await waiting.WaitAsync(RawSocket.Deadline);
    }

    [Theory, EachTransport]
    public async Task An_owner_that_was_killed_meanwhile_is_one_that_does_not_own_it_any_more(string transport)
    {
        using var rig = new PeerRig(transport);
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (socket, _) = await rig.AcceptRequestAsync();

        socket.Dispose();

        var moved = Assert.IsType<ForwardOutcome.Moved>(await forwarding.WaitAsync(RawSocket.Deadline));
        Assert.Equal($"{rig.Address}: it closed the connection without an answer; if it turned this node away, its log says why", moved.Reason);
    }

    [Theory, EachTransport]
    public async Task What_the_owner_says_is_what_the_first_node_hears(string transport)
    {
        using var rig = new PeerRig(transport);
        foreach (var answer in (ForwardAnswer[])[ForwardAnswer.Moved, ForwardAnswer.Refused])
        {
            var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
            var (socket, _) = await rig.AcceptRequestAsync();
            socket.Answer(answer);
            socket.Dispose();

            ForwardOutcome expected = answer == ForwardAnswer.Moved
                ? new ForwardOutcome.Moved($"{rig.Address} does not own its key")
                : new ForwardOutcome.Refused($"{rig.Address} will not serve it");
            Assert.Equal(expected, await forwarding.WaitAsync(RawSocket.Deadline));
        }
    }
}
