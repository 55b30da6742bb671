using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Forwarding;

/// <summary>Connects to another node, asks it for something and waits for its answer.</summary>
/// <param name="transport">What dials; its sockets are <see cref="IDialledSocket"/>s.</param>
/// <param name="secret">The cluster's secret.</param>
/// <param name="helloTimeout">How long it may take until the other node has said hello: one that stands still still lets its system accept connections.</param>
/// <param name="time">The clock of that.</param>
/// <param name="log">Hears of nodes that do not answer, or are none, or not of this cluster.</param>
internal sealed class PeerDialler(IRelay transport, ClusterSecret secret, TimeSpan helloTimeout, TimeProvider time, PeerLog log)
{
    /// <summary>Asks.</summary>
    /// <param name="to">Whom.</param>
    /// <param name="kind">For what.</param>
    /// <param name="body">What is said about it; null if that cannot be said.</param>
    /// <param name="longestAnswer">The longest answer that is wanted, in bytes.</param>
    /// <param name="cancellationToken">Gives it up: the connection is reset, so that the other node knows.</param>
    public async Task<PeerDialOutcome> AskAsync(NodeAddress to, PeerKind kind, byte[]? body, int longestAnswer, CancellationToken cancellationToken)
    {
        if (body is null || !DiallingEnd.Fits(kind, to.Node, body.Length))
        {
            return new PeerDialOutcome.Unsayable($"{to.Node} cannot be told of it: no request has room for that");
        }

        using var late = new CancellationTokenSource(helloTimeout, time);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var dial = await transport.DialAsync(new TcpBackendAddress(to.EndPoint), soon.Token);
        if (dial is DialOutcome.Failed failed)
        {
            var isLate = late.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            var reason = isLate ? $"no connection within {helloTimeout}" : failed.Reason;
            if (!cancellationToken.IsCancellationRequested)
            {
                log.Unreached(to.ToString(), reason);
            }

            return new PeerDialOutcome.Unreached(isLate ? $"{to}: {reason}" : $"{to.Node} at {reason}");
        }

        var socket = (IDialledSocket)((DialOutcome.Connected)dial).Socket;
        socket.LookAfterPeer();
        var outcome = await TalkAsync(socket, to, kind, body, longestAnswer, soon.Token, cancellationToken);
        if (outcome is not PeerDialOutcome.Answered)
        {
            socket.Reset();
        }

        return outcome;
    }

    private async Task<PeerDialOutcome> TalkAsync(
        IDialledSocket socket, NodeAddress to, PeerKind kind, byte[] body, int longestAnswer, CancellationToken soon, CancellationToken given)
    {
        var end = new DiallingEnd(secret);
        var hello = new byte[PeerProtocol.HelloLength];
        if (await socket.ReadAsync(hello, soon) < hello.Length)
        {
            return Silent(soon.IsCancellationRequested ? $"it said nothing within {helloTimeout}" : "it closed the connection before it said anything");
        }

        if (!end.TryReadHello(hello, out var problem))
        {
            return Untrusted(problem);
        }

        var request = end.Request(kind, to.Node, body);
        var head = new byte[PeerProtocol.AnswerHeadLength];
        if (!await socket.WriteAsync(request, given) || await socket.ReadAsync(head, given) < head.Length)
        {
            return Silent("it closed the connection without an answer; if it turned this node away, its log says why");
        }

        if (!end.TryReadHead(head, longestAnswer, out var length, out problem))
        {
            return Untrusted(problem);
        }

        var rest = GC.AllocateUninitializedArray<byte>(length);
        return await socket.ReadAsync(rest, given) < length ? Silent("it closed the connection in the middle of its answer")
            : end.TryReadRest(rest, out var reply, out problem) ? new PeerDialOutcome.Answered(socket, reply)
            : Untrusted(problem);

        PeerDialOutcome.Unreached Cut(string reason) => new($"{to}: {reason}");

        PeerDialOutcome.Unreached Silent(string reason)
        {
            if (given.IsCancellationRequested)
            {
                return Cut("given up");
            }

            log.Unreached(to.ToString(), reason);
            return Cut(reason);
        }

        PeerDialOutcome.Unreached Untrusted(string reason)
        {
            log.NotTrusted(to.ToString(), reason);
            return Cut(reason);
        }
    }
}

/// <summary>How it ended that another node was asked.</summary>
internal abstract record PeerDialOutcome
{
    /// <summary>It answered.</summary>
    /// <param name="Socket">The connection; the receiver owns it.</param>
    /// <param name="Reply">The answer.</param>
    public sealed record Answered(IDialledSocket Socket, PeerReply Reply) : PeerDialOutcome;

    /// <summary>It cannot be reached, did not answer, or is not to be believed.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Unreached(string Reason) : PeerDialOutcome;

    /// <summary>No request has room for what was to be said: nobody was asked.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Unsayable(string Reason) : PeerDialOutcome;
}
