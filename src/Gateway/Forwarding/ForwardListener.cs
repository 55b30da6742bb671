using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Forwarding;

/// <summary>
/// The nodes' port: what it accepts are <see cref="IForwardedSocket"/>s. An operator's question looks like any other until its request is read; then it is answered here, and to whoever
/// accepted it there never was a client.
/// </summary>
/// <param name="listener">The port, open already; taken over.</param>
/// <param name="node">This node's name.</param>
/// <param name="secret">The cluster's secret.</param>
/// <param name="questions">Answers operators' questions; taken over.</param>
/// <param name="log">Hears of whoever is turned away.</param>
internal sealed class ForwardListener(IListener listener, string node, ClusterSecret secret, PeerQuestions questions, PeerLog log) : IListener
{
    public string LocalAddress => listener.LocalAddress;

    public async Task<AcceptOutcome> AcceptAsync() => await listener.AcceptAsync() switch
    {
        AcceptOutcome.Accepted accepted => new AcceptOutcome.Accepted(
            new ForwardedSocket((IAcceptedSocket)accepted.Socket, new AcceptingEnd(secret, node), questions, log)),
        var other => other,
    };

    public void Dispose()
    {
        listener.Dispose();
        questions.Dispose();
    }
}
