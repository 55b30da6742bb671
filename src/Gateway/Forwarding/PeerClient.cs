using Instancer.Actors.Registry;
using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Forwarding;

/// <summary>Asks other nodes what an operator wants to know or to have done.</summary>
/// <param name="dialler">Asks them.</param>
internal sealed class PeerClient(PeerDialler dialler)
{
    /// <summary>Asks a node, and ends when it has answered or will not.</summary>
    /// <param name="to">The node.</param>
    /// <param name="question">The question, whose JSON has at most <see cref="PeerProtocol.LongestQuestion"/> bytes, less the node's name and one more.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    public async Task<PeerOutcome> AskAsync(NodeAddress to, PeerQuestion question, CancellationToken cancellationToken)
    {
        var outcome = await dialler.AskAsync(to, question.Kind, question.Json.ToArray(), PeerProtocol.LongestAnswer, cancellationToken);
        switch (outcome)
        {
            case PeerDialOutcome.Answered answered:
                answered.Socket.Dispose();
                return answered.Reply.Code == PeerCode.Answered
                    ? new PeerOutcome.Answered(answered.Reply.Payload)
                    : new PeerOutcome.Failed($"{to}: it answered {answered.Reply.Code} to {question.Kind}");
            case PeerDialOutcome.Unreached { Reason: var reason }:
                return new PeerOutcome.Failed(reason);
            case PeerDialOutcome.Unsayable { Reason: var reason }:
                return new PeerOutcome.Failed(reason);
            default:
                throw new InvalidOperationException($"An outcome without a case: {outcome}.");
        }
    }
}
