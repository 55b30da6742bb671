using System.Net;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Gateway.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>A transport with a listener, and a backend that it can dial.</summary>
internal sealed class Rig : IDisposable
{
    private readonly List<IDisposable> _open = [];

    public Rig(string transport, int? backendReceiveBuffer = null)
    {
        Transport = EachTransportAttribute.Open(transport);
        Listener = Transport.Listen(IPAddress.Loopback, 0);
        Backend = new RawBackend(backendReceiveBuffer);
    }

    public ITransport Transport { get; }

    public IListener Listener { get; }

    public RawBackend Backend { get; }

    /// <summary>Connects a client; both ends of its connection.</summary>
    public async Task<(RawSocket Client, IClientSocket Accepted)> AcceptAsync(int? receiveBuffer = null)
    {
        var connecting = RawSocket.ConnectAsync(IPEndPoint.Parse(Listener.LocalAddress), receiveBuffer);
        var outcome = await Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(outcome);
        _open.Add(accepted.Socket);
        var client = await connecting;
        _open.Add(client);
        return (client, accepted.Socket);
    }

    /// <summary>Dials the backend; both ends of the connection.</summary>
    public async Task<(RawSocket Server, IBackendSocket Dialled)> DialAsync()
    {
        var accepting = Backend.AcceptAsync();
        var outcome = await Transport.DialAsync(new TcpBackendAddress(Backend.EndPoint), default).WaitAsync(RawSocket.Deadline);
        var server = await accepting;
        _open.Add(server);
        var connected = Assert.IsType<DialOutcome.Connected>(outcome);
        _open.Add(connected.Socket);
        return (server, connected.Socket);
    }

    /// <summary>Starts a session; its two raw ends.</summary>
    public async Task<(RawSocket Client, RawSocket Server, ISession Session)> StartAsync(int? clientReceiveBuffer = null, SessionTerms? terms = null)
    {
        var (client, accepted) = await AcceptAsync(clientReceiveBuffer);
        var (server, dialled) = await DialAsync();
        return (client, server, Transport.Start(accepted, dialled, terms ?? RelayExtensions.Alone));
    }

    public void Dispose()
    {
        foreach (var open in _open)
        {
            open.Dispose();
        }

        Backend.Dispose();
        Listener.Dispose();
        Transport.Dispose();
    }
}

internal static class RelayExtensions
{
    /// <summary>The terms of a node that is alone.</summary>
    public static SessionTerms Alone { get; } = new(UnlimitedTenure.Instance);

    /// <summary>Starts a session of a node that is alone.</summary>
    public static ISession Start(this IRelay relay, IClientSocket client, IBackendSocket backend) => relay.Start(client, backend, Alone);
}
