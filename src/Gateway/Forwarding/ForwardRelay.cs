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
        if (socket is not null)
        {
            return relay.Start(socket, backend, terms);
        }

        ((IDialledSocket)backend).Reset();
        return new LostSession();
    }

    /// <summary>The session of a client that was gone before it began: the backend is told as it would be by the client.</summary>
    private sealed class LostSession : ISession
    {
        public Task<SessionEnd> Completion { get; } = Task.FromResult(new SessionEnd(SessionEndCause.ClientReset, 0, 0));

        public long BytesRelayed => 0;

        public void Reset()
        {
            // It has ended.
        }
    }
}
