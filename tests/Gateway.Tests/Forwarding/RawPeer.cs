using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>A dialling node that the test plays itself, byte by byte.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly PeerRig _rig;

    private RawPeer(PeerRig rig, RawSocket socket) => (_rig, Socket) = (rig, socket);

    public RawSocket Socket { get; }

    /// <summary>Connects to <c>b</c>.</summary>
    public static async Task<RawPeer> DialAsync(PeerRig rig) => new(rig, await rig.ConnectAsync());

    /// <summary>A request that would be accepted, as the answer to <paramref name="hello"/>.</summary>
    public static byte[] Make(byte[] hello, ClusterSecret? secret = null, string addressee = "b", PeerKind kind = PeerKind.Client, byte[]? body = null)
    {
        var end = new DiallingEnd(secret ?? Secrets.Ours);
        Assert.True(end.TryReadHello(hello, out var problem), problem);
        return end.Request(kind, addressee, body ?? ClientBody.Write(PeerRig.Request)!);
    }

    /// <summary>Waits for the hello and sends what <paramref name="make"/> makes of it; how <c>b</c> takes it.</summary>
    public async Task<(IForwardedSocket Socket, ForwardOpening Opening)> SendAsync(Func<byte[], byte[]> make, bool thenEnd = false)
    {
        var socket = await _rig.AcceptAsync();
        var reading = socket.ReadRequestAsync(default);
        var bytes = make(await Socket.ReceiveAsync(PeerProtocol.HelloLength));
        if (bytes.Length > 0)
        {
            await Socket.SendAsync(bytes);
        }

        if (thenEnd)
        {
            Socket.EndSending();
        }

        return (socket, await reading.WaitAsync(RawSocket.Deadline));
    }

    /// <summary>Sends a request that is accepted.</summary>
    public async Task<(IForwardedSocket Socket, ForwardRequest Request)> RequestAsync()
    {
        var (socket, opening) = await SendAsync(hello => Make(hello));
        Assert.Equal(new ForwardOpening.Client(PeerRig.Request), opening);
        return (socket, PeerRig.Request);
    }

    public void Dispose() => Socket.Dispose();
}
