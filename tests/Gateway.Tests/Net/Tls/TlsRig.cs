using System.Security.Authentication;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Gateway.Net;
using Instancer.Gateway.Net.Tls;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Net.Tls;

/// <summary>A rig whose clients speak TLS.</summary>
internal sealed class TlsRig : IAsyncDisposable
{
    private readonly List<IDisposable> _open = [];

    public TlsRig(string transport, int? backendReceiveBuffer = null)
    {
        Rig = new Rig(transport, backendReceiveBuffer);
        Certificates = Files.Open();
        Relay = new TlsRelay(Rig.Transport, TimeProvider.System);
    }

    public Rig Rig { get; }

    public CertificateFiles Files { get; } = new();

    public TlsCertificates Certificates { get; }

    public TlsRelay Relay { get; }

    /// <summary>The socket of the next client, before its handshake.</summary>
    public async Task<IAcceptedSocket> AcceptAsync()
    {
        var outcome = await Rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        return (IAcceptedSocket)Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;
    }

    /// <summary>A handshake that all names are welcome to.</summary>
    public Task<TlsOutcome> HandshakeAsync(IAcceptedSocket socket, CancellationToken cancellationToken = default) =>
        new TlsHandshake(_ => Certificates, NullLogger.Instance).RunAsync(socket, name => $"for {name}", cancellationToken).WaitAsync(RawSocket.Deadline, CancellationToken.None);

    /// <summary>Connects a client; both ends of its connection.</summary>
    public async Task<(TlsPeer Client, TlsClient Accepted)> ConnectAsync(SslProtocols protocols = SslProtocols.None, int? receiveBuffer = null)
    {
        var connecting = TlsPeer.ConnectAsync(Rig.Listener.LocalAddress, "some.example", protocols, receiveBuffer);
        var accepted = Assert.IsType<TlsOutcome.Accepted>(await HandshakeAsync(await AcceptAsync())).Client;
        _open.Add(accepted);
        var client = await connecting;
        _open.Add(client);
        return (client, accepted);
    }

    /// <summary>Starts a session; its two ends.</summary>
    public async Task<(TlsPeer Client, RawSocket Server, ISession Session)> StartAsync(
        SslProtocols protocols = SslProtocols.None, SessionTerms? terms = null, int? clientReceiveBuffer = null)
    {
        var (client, accepted) = await ConnectAsync(protocols, clientReceiveBuffer);
        var (server, dialled) = await Rig.DialAsync();
        return (client, server, Relay.Start(accepted, dialled, terms ?? new SessionTerms(UnlimitedTenure.Instance)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var open in _open)
        {
            open.Dispose();
        }

        Rig.Dispose();
        await Files.DisposeAsync();
    }
}
