using System.Net;
using System.Net.Sockets;
using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Net;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>Two nodes: <c>a</c>, which clients connect to, and <c>b</c>, which has the backend.</summary>
internal sealed class PeerRig : IDisposable
{
    public static readonly ForwardRequest Request =
        new(new InstanceKey("pwn", TokenHash.Of("a token"u8), 7), "alice", "203.0.113.9:40000");

    private readonly List<IDisposable> _open = [];

    public PeerRig(string transport, TimeSpan? helloTimeout = null, TimeProvider? time = null)
    {
        A = new Rig(transport);
        B = EachTransportAttribute.Open(transport);
        Backend = new RawBackend();
        var log = new PeerLog(Log, TimeProvider.System);
        Listener = new ForwardListener(
            B.Listen(IPAddress.Loopback, 0), "b", Secrets.Ours, new PeerQuestions(AnswerAsync, time ?? TimeProvider.System, Log), log);
        Address = new NodeAddress("b", IPEndPoint.Parse(Listener.LocalAddress));
        Dialler = new PeerDialler(A.Transport, Secrets.Ours, helloTimeout ?? RawSocket.Deadline, TimeProvider.System, log);
        Forwarder = new Forwarder(Dialler);
        Peers = new PeerClient(Dialler);
    }

    public Rig A { get; }

    public ITransport B { get; }

    public RawBackend Backend { get; }

    public ForwardListener Listener { get; }

    public NodeAddress Address { get; }

    public PeerDialler Dialler { get; }

    public Forwarder Forwarder { get; }

    public PeerClient Peers { get; }

    public RecordingLogger Log { get; } = new();

    /// <summary>What <c>b</c> answers to operators.</summary>
    public Func<PeerQuestion, CancellationToken, Task<PeerAnswer>> Answer { get; set; } = (question, _) => Task.FromResult(new PeerAnswer(question.Json));

    /// <summary>The next connection of another node's, as <c>b</c> accepts it.</summary>
    public async Task<IForwardedSocket> AcceptAsync()
    {
        var outcome = await Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        var socket = Assert.IsType<ForwardedSocket>(Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket);
        _open.Add(socket);
        return socket;
    }

    /// <summary>The next connection, and its request.</summary>
    public async Task<(IForwardedSocket Socket, ForwardOpening Opening)> AcceptRequestAsync()
    {
        var socket = await AcceptAsync();
        return (socket, await socket.ReadRequestAsync(default).WaitAsync(RawSocket.Deadline));
    }

    /// <summary>Serves a forwarded connection from the backend, as <c>b</c> does once it has an instance.</summary>
    public async Task<(RawSocket Server, ISession Session)> ServeAsync(IForwardedSocket socket, SessionTerms? terms = null)
    {
        var accepting = Backend.AcceptAsync();
        var dialled = Assert.IsType<DialOutcome.Connected>(await B.DialAsync(new TcpBackendAddress(Backend.EndPoint), default));
        var server = await accepting;
        _open.Add(server);
        socket.Answer(ForwardAnswer.Served);
        return (server, new ForwardRelay(B).Start(socket, dialled.Socket, terms ?? RelayExtensions.Alone));
    }

    /// <summary>Starts a session through both nodes.</summary>
    public async Task<Through> StartAsync()
    {
        var (client, accepted) = await A.AcceptAsync();
        var forwarding = Forwarder.ForwardAsync(Address, Request with { RemoteAddress = accepted.RemoteAddress }, default);
        var (forwarded, _) = await AcceptRequestAsync();
        var (server, ofB) = await ServeAsync(forwarded);
        var served = Assert.IsType<ForwardOutcome.Accepted>(await forwarding.WaitAsync(RawSocket.Deadline));
        return new Through(client, server, new ForwardRelay(A.Transport).Start(accepted, served.Socket, new SessionTerms(UnlimitedTenure.Instance)), ofB);
    }

    /// <summary>Connects somebody to <c>b</c>'s port.</summary>
    public async Task<RawSocket> ConnectAsync()
    {
        var raw = await RawSocket.ConnectAsync(Address.EndPoint);
        _open.Add(raw);
        return raw;
    }

    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        Listener.Dispose();
        Backend.Dispose();
        B.Dispose();
        A.Dispose();
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Sees that the other side closes the connection without a byte: an end, or a reset where it had not read everything.</summary>
    public static async Task AssertNothingCameAsync(RawSocket socket)
    {
        try
        {
            Assert.Fail($"{(await socket.ReceiveAsync(1))[0]} came.");
        }
        catch (Exception e) when (e is InvalidOperationException or SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // Nothing came.
        }
    }

    private Task<PeerAnswer> AnswerAsync(PeerQuestion question, CancellationToken cancellationToken) => Answer(question, cancellationToken);
}

/// <summary>A session through both nodes: its raw ends, and what each node has of it.</summary>
internal sealed record Through(RawSocket Client, RawSocket Server, ISession OfA, ISession OfB)
{
    /// <summary>Waits until both nodes are done with it.</summary>
    public async Task AssertEndedAsync(SessionEndCause cause)
    {
        Assert.Equal(cause, (await OfA.Completion.WaitAsync(RawSocket.Deadline)).Cause);
        Assert.Equal(cause, (await OfB.Completion.WaitAsync(RawSocket.Deadline)).Cause);
    }
}
