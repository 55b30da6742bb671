using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

[Collection(Alone.Name)]
public sealed class ForwardLeakTests
{
    [LinuxTheory, EachTransport]
    public async Task Sockets_are_closed_however_it_ended(string transport)
    {
        using var rig = new PeerRig(transport);
        await OnceAsync(rig);
        var before = OpenFiles.Count();

        for (var i = 0; i < 20; i++)
        {
            await OnceAsync(rig);
        }

        await Eventually.TrueAsync(() => OpenFiles.Count() <= before, $"no more than {before} files are open");
    }

    private static async Task OnceAsync(PeerRig rig)
    {
        var through = await rig.StartAsync();
        through.Client.EndSending();
        through.Server.EndSending();
        await EndAsync(through);
        through = await rig.StartAsync();
        through.Client.Reset();
        await EndAsync(through);
        await AnsweredAsync(rig, ForwardAnswer.Moved);
        await AnsweredAsync(rig, ForwardAnswer.Refused);
        await GivenUpAsync(rig);
        await StrangerAsync(rig);
        await AskedAsync(rig);
        await rig.Forwarder.ForwardAsync(new NodeAddress("c", new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1)), PeerRig.Request, default);
    }

    private static async Task EndAsync(Through through)
    {
        await through.OfA.Completion.WaitAsync(RawSocket.Deadline);
        await through.OfB.Completion.WaitAsync(RawSocket.Deadline);
        through.Client.Dispose();
        through.Server.Dispose();
    }

    private static async Task AnsweredAsync(PeerRig rig, ForwardAnswer answer)
    {
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, default);
        var (socket, _) = await rig.AcceptRequestAsync();
        socket.Answer(answer);
        socket.Dispose();
        await forwarding.WaitAsync(RawSocket.Deadline);
    }

    private static async Task GivenUpAsync(PeerRig rig)
    {
        using var given = new CancellationTokenSource();
        var forwarding = rig.Forwarder.ForwardAsync(rig.Address, PeerRig.Request, given.Token);
        var (socket, _) = await rig.AcceptRequestAsync();
        var waiting = socket.WaitForResetAsync(default);
        await given.CancelAsync();
        await waiting.WaitAsync(RawSocket.Deadline, CancellationToken.None);
        socket.Reset();
        await forwarding.WaitAsync(RawSocket.Deadline, CancellationToken.None);
    }

    private static async Task StrangerAsync(PeerRig rig)
    {
        using var peer = await RawPeer.DialAsync(rig);
        var (socket, opening) = await peer.SendAsync(_ => new byte[PeerProtocol.RequestHeadLength]);
        Assert.IsType<ForwardOpening.Invalid>(opening);
        socket.Dispose();
    }

    private static async Task AskedAsync(PeerRig rig)
    {
        var asking = rig.Peers.AskAsync(rig.Address, new PeerQuestion(PeerKind.List, new byte[2]), default);
        var (socket, _) = await rig.AcceptRequestAsync();
        socket.Dispose();
        Assert.IsType<PeerOutcome.Answered>(await asking.WaitAsync(RawSocket.Deadline));
    }
}
