using Instancer.Actors.Connections;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Net.Tls;

/// <summary>A relay whose clients may speak TLS.</summary>
/// <param name="relay">The transport, which knows its own sockets only.</param>
/// <param name="time">The clock of the sessions.</param>
internal sealed class TlsRelay(IRelay relay, TimeProvider time) : IRelay
{
    public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken) => relay.DialAsync(address, cancellationToken);

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms) =>
        client is TlsClient tls ? new TlsSession(tls, (IDialledSocket)backend, terms, time) : relay.Start(client, backend, terms);
}
