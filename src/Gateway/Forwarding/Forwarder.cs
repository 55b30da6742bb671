using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Forwarding;

/// <summary>Passes clients on to the nodes that own their keys.</summary>
/// <param name="dialler">Asks those nodes.</param>
internal sealed class Forwarder(PeerDialler dialler) : IForwarder
{
    public async Task<ForwardOutcome> ForwardAsync(NodeAddress to, ForwardRequest request, CancellationToken cancellationToken)
    {
        var outcome = await dialler.AskAsync(to, PeerKind.Client, ClientBody.Write(request), longestAnswer: 0, cancellationToken);
        switch (outcome)
        {
            case PeerDialOutcome.Answered { Socket: var socket, Reply.Code: PeerCode.Served }:
                return new ForwardOutcome.Accepted(socket);
            case PeerDialOutcome.Answered { Socket: var socket, Reply.Code: var code }:
                socket.Dispose();
                return code == PeerCode.Refused
                    ? new ForwardOutcome.Refused($"{to} will not serve it")
                    : new ForwardOutcome.Moved($"{to} does not own its key");
            case PeerDialOutcome.Unsayable unsayable:
                return new ForwardOutcome.Refused(unsayable.Reason);
            case PeerDialOutcome.Unreached unreached:
                return new ForwardOutcome.Moved(unreached.Reason);
            default:
                throw new InvalidOperationException($"An outcome without a case: {outcome}.");
        }
    }
}
