using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>Sessions of clients that one node passes on to another.</summary>
public sealed class ForwardSessionTests
{
    [Theory, EachTransport]
    public async Task The_owner_is_told_what_the_first_node_knows_of_the_client(string transport)
    {
        using var rig = new PeerRig(transport);
        var request = PeerRig.Request with { Client = "jürgen 名前" };
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, request, default);
        var socket = await rig.AcceptAsync();
        var ofA = socket.RemoteAddress;
        Assert.StartsWith("127.0.0.1:", ofA, StringComparison.Ordinal);

        Assert.Equal(new ForwardOpening.Client(request), await socket.ReadRequestAsync(default).WaitAsync(RawSocket.Deadline));
        Assert.Equal(request.RemoteAddress, socket.RemoteAddress);
        Assert.False(forwarding.IsCompleted);
        socket.Answer(ForwardAnswer.Served);

        Assert.IsType<ForwardOutcome.Accepted>(await forwarding.WaitAsync(RawSocket.Deadline)).Socket.Dispose();
        Assert.Throws<InvalidOperationException>(() => socket.Answer(ForwardAnswer.Served));
        Assert.Empty(rig.Log.Lines);
    }

    [Theory, EachTransport]
    public async Task The_client_may_end_first_and_still_get_its_answer(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();

        await through.Client.SendAsync("question"u8.ToArray());
        through.Client.EndSending();
        Assert.Equal("question"u8.ToArray(), await through.Server.ReceiveToEndAsync());
        await through.Server.SendAsync("answer"u8.ToArray());
        through.Server.Dispose();

        Assert.Equal("answer"u8.ToArray(), await through.Client.ReceiveToEndAsync());
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 8, 6), await through.OfA.Completion.WaitAsync(RawSocket.Deadline));
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, 8, 6), await through.OfB.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task The_backend_may_end_first_and_still_be_told_more(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();

        await through.Server.SendAsync("banner"u8.ToArray());
        through.Server.EndSending();
        Assert.Equal("banner"u8.ToArray(), await through.Client.ReceiveToEndAsync());
        await through.Client.SendAsync("thanks"u8.ToArray());
        through.Client.Dispose();

        Assert.Equal("thanks"u8.ToArray(), await through.Server.ReceiveToEndAsync());
        await through.AssertEndedAsync(SessionEndCause.Finished);
    }

    [Theory, EachTransport]
    public async Task A_reset_of_the_client_goes_through_both_nodes(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();

        await through.Client.SendAsync(new byte[30_000]);
        await through.Server.ReceiveAsync(30_000);
        through.Client.Reset();

        await through.Server.ExpectResetAsync();
        await through.AssertEndedAsync(SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task A_reset_of_the_backend_goes_through_both_nodes_behind_what_it_said(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();

        await through.Server.SendAsync(new byte[30_000]);
        Assert.Equal(30_000, (await through.Client.ReceiveAsync(30_000)).Length);
        through.Server.Reset();

        await through.Client.ExpectResetAsync();
        await through.AssertEndedAsync(SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task The_owner_may_end_the_session_and_the_client_sees_a_reset(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();

        through.OfB.Reset();

        await through.Client.ExpectResetAsync();
        await through.Server.ExpectResetAsync();
        Assert.Equal(SessionEndCause.BackendReset, (await through.OfA.Completion.WaitAsync(RawSocket.Deadline)).Cause);
    }

    [Theory, EachTransport]
    public async Task Payload_that_came_with_the_preamble_and_a_banner_that_came_with_the_answer_arrive_whole(string transport)
    {
        using var rig = new PeerRig(transport);
        var (payload, banner) = (RandomNumberGenerator.GetBytes(1_000_000), RandomNumberGenerator.GetBytes(1_000_000));
        var (client, accepted) = await rig.A.AcceptAsync();
        var sending = client.SendAsync((byte[])[.. new byte[Preamble.Length], .. payload]);
        Assert.IsType<PreambleOutcome.Complete>(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (forwarded, _) = await rig.AcceptRequestAsync();
        var (server, _) = await rig.ServeAsync(forwarded);

        // The first node looks for the answer only when the banner is behind it already.
        var greeting = server.SendAsync(banner);
        var served = Assert.IsType<ForwardOutcome.Accepted>(await forwarding.WaitAsync(RawSocket.Deadline));
        new ForwardRelay(rig.A.Transport).Start(accepted, served.Socket, new SessionTerms(UnlimitedTenure.Instance));

        Assert.Equal(payload, await server.ReceiveAsync(payload.Length));
        Assert.Equal(banner, await client.ReceiveAsync(banner.Length));
        await Task.WhenAll(sending, greeting);
    }

    [Theory, EachTransport]
    public async Task Both_directions_at_once_come_through_whole_and_in_order(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();
        var (there, back) = (RandomNumberGenerator.GetBytes(10_000_000), RandomNumberGenerator.GetBytes(7_000_001));

        var sending = Task.WhenAll(SendAndEndAsync(through.Client, there), SendAndEndAsync(through.Server, back));
        var (gotThere, gotBack) = (through.Server.ReceiveToEndAsync(), through.Client.ReceiveToEndAsync());

        Assert.True((await gotThere).AsSpan().SequenceEqual(there));
        Assert.True((await gotBack).AsSpan().SequenceEqual(back));
        await sending;
        await through.AssertEndedAsync(SessionEndCause.Finished);
    }

    [Theory, EachTransport]
    public async Task Two_hundred_at_once_are_all_served_each_as_itself(string transport)
    {
        const int Count = 200;
        using var rig = new PeerRig(transport);
        var forwarding = Enumerable.Range(0, Count)
            .Select(i => rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request with { Client = $"client-{i}" }, default)).ToArray();
        List<Task<string>> names = [];
        for (var i = 0; i < Count; i++)
        {
            names.Add(ServeOneAsync(await rig.AcceptAsync()));
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"client-{i}").Order(), (await Task.WhenAll(names)).Order());
        foreach (var outcome in await Task.WhenAll(forwarding).WaitAsync(RawSocket.Deadline))
        {
            Assert.IsType<ForwardOutcome.Accepted>(outcome).Socket.Dispose();
        }

        static async Task<string> ServeOneAsync(IForwardedSocket socket)
        {
            var opening = await socket.ReadRequestAsync(default).WaitAsync(RawSocket.Deadline);
            socket.Answer(ForwardAnswer.Served);
            return Assert.IsType<ForwardOpening.Client>(opening).Request.Client!;
        }
    }

    [LinuxTheory, EachTransport]
    public async Task Each_node_looks_after_the_other_and_not_after_the_client(string transport)
    {
        using var rig = new PeerRig(transport);
        var through = await rig.StartAsync();
        var port = rig.Address.EndPoint.Port;

        // There is another timer as long as something that was sent is not acknowledged.
        await Eventually.TrueAsync(() => KernelTimers.KeepsAlive(local: port), "the owner looks after the first node");
        await Eventually.TrueAsync(() => KernelTimers.KeepsAlive(remote: port), "the first node looks after the owner");
        var client = ((System.Net.IPEndPoint)through.Client.Socket.LocalEndPoint!).Port;
        Assert.False(KernelTimers.KeepsAlive(remote: client), "nobody asks the client for a sign of life");
    }

    private static async Task SendAndEndAsync(RawSocket socket, byte[] bytes)
    {
        await socket.SendAsync(bytes);
        socket.EndSending();
    }
}
