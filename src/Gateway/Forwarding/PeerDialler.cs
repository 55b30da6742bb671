using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Forwarding;

/// <summary>Connects to another node, asks it for something and waits for its answer.</summary>
/// <param name="transport">What dials; its sockets are <see cref="IDialledSocket"/>s.</param>
/// <param name="secret">The cluster's secret.</param>
/// <param name="helloTimeout">How long it may take until the other node has said hello: one that stands still still lets its system accept connections.</param>
/// <param name="time">The clock of that.</param>
/// <param name="logger">Hears of nodes that are none, or not of this cluster.</param>
internal sealed class PeerDialler(IRelay transport, ClusterSecret secret, TimeSpan helloTimeout, TimeProvider time, ILogger logger)
{
    /// <summary>Asks.</summary>
    /// <param name="to">Whom.</param>
    /// <param name="kind">For what.</param>
    /// <param name="body">What is said about it; null if that cannot be said.</param>
    /// <param name="longestAnswer">The longest answer that is wanted, in bytes.</param>
    /// <param name="cancellationToken">Gives it up: the connection is reset, so that the other node knows.</param>
    public async Task<PeerDialOutcome> AskAsync(NodeAddress to, PeerKind kind, byte[]? body, int longestAnswer, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(helloTimeout, time);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        var dial = await transport.DialAsync(new TcpBackendAddress(to.EndPoint), soon.Token);
        if (dial is DialOutcome.Failed failed)
        {
            var isLate = late.IsCancellationRequested && !cancellationToken.IsCancellationRequested;
            return new PeerDialOutcome.Unreached(isLate ? $"{to}: no connection within {helloTimeout}" : $"{to.Node} at {failed.Reason}");
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
        IDialledSocket socket, NodeAddress to, PeerKind kind, byte[]? body, int longestAnswer, CancellationToken soon, CancellationToken given)
    {
        var end = new DiallingEnd(secret);
        var hello = new byte[PeerProtocol.HelloLength];
        if (await socket.ReadAsync(hello, soon) < hello.Length)
        {
            return Cut(given.IsCancellationRequested ? "given up" : soon.IsCancellationRequested ? $"it said nothing within {helloTimeout}" : "it closed the connection before it said anything");
        }

        if (!end.TryReadHello(hello, out var problem))
        {
            return Untrusted(problem);
        }

        if (body is null || end.Request(kind, to.Node, body) is not { } request)
        {
            return new PeerDialOutcome.Unsayable($"{to}: what was to be said is longer than a node takes");
        }

        var head = new byte[PeerProtocol.AnswerHeadLength];
        if (!await socket.WriteAsync(request, given) || await socket.ReadAsync(head, given) < head.Length)
        {
            return Cut(given.IsCancellationRequested ? "given up" : "it closed the connection without an answer; if it turned this node away, its log says why");
        }

        if (!end.TryReadHead(head, longestAnswer, out var length, out problem))
        {
            return Untrusted(problem);
        }

        var rest = GC.AllocateUninitializedArray<byte>(length);
        return await socket.ReadAsync(rest, given) < length ? Cut(given.IsCancellationRequested ? "given up" : "it closed the connection in the middle of its answer")
            : end.TryReadRest(rest, out var reply, out problem) ? new PeerDialOutcome.Answered(socket, reply)
            : Untrusted(problem);

        PeerDialOutcome.Unreached Cut(string reason) => new($"{to}: {reason}");

        PeerDialOutcome.Unreached Untrusted(string reason)
        {
            ForwardingLog.NotTrusted(logger, to.ToString(), reason);
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

    /// <summary>There are no bytes for what was to be said.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Unsayable(string Reason) : PeerDialOutcome;
}
