using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>A relay whose clients may have something in front of them: from a session's start on it is the session that holds their places.</summary>
/// <param name="relay">The relay behind, which knows the sockets themselves.</param>
internal sealed class GatedRelay(IRelay relay) : IRelay
{
    public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken) => relay.DialAsync(address, cancellationToken);

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms)
    {
        if (client is not GatedSocket gated)
        {
            return relay.Start(client, backend, terms);
        }

        if (gated.IsGivenUp)
        {
            return new LostSession(backend);
        }

        // What is inside may have something in front of it again: below TLS it has.
        var session = Start(gated.Inner, backend, terms);
        if (gated.TakePermit() is { } permit)
        {
            session.Completion.ContinueWith(
                static (_, place) => ((IDisposable)place!).Dispose(), permit, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return session;
    }
}
