using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Forwarding;

/// <summary>A relay whose clients may be those of other nodes.</summary>
/// <param name="relay">The transport, which knows its own sockets only.</param>
internal sealed class ForwardRelay(IRelay relay) : IRelay
{
    public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken) => relay.DialAsync(address, cancellationToken);

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms)
    {
        var socket = client is ForwardedSocket forwarded ? forwarded.Unwrap() : client;
        return socket is not null ? relay.Start(socket, backend, terms) : new LostSession(backend);
    }
}
