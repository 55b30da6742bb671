using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Forwarding;

/// <summary>A connection of another node's: first the two nodes speak, and once it was answered that the client is served it is the client's.</summary>
/// <param name="socket">The accepted socket, taken over.</param>
/// <param name="end">What is said on it.</param>
/// <param name="questions">Takes the socket if it turns out to bring an operator's question.</param>
/// <param name="log">Hears of it if the other one is turned away.</param>
internal sealed class ForwardedSocket(IAcceptedSocket socket, AcceptingEnd end, PeerQuestions questions, PeerLog log) : IForwardedSocket
{
    private volatile string _remoteAddress = socket.RemoteAddress;
    private volatile State _state;

    private enum State
    {
        Unread,
        Read,
        Answered,
        Lost,
        HandedOver,
    }

    /// <summary>The other node's address until the request is read; from then on the client's, as the other node says.</summary>
    public string RemoteAddress => _remoteAddress;

    public async Task<ForwardOpening> ReadRequestAsync(CancellationToken cancellationToken)
    {
        var (request, problem) = await ReadAsync(cancellationToken);
        ForwardRequest? client = null;
        if (request is { Kind: PeerKind.Client } && !ClientBody.TryRead(request.Body.Span, out client))
        {
            problem = "what it says of a client makes no sense";
        }

        if (problem is not null)
        {
            log.TurnedAway(socket.RemoteAddress, problem);
            return new ForwardOpening.Invalid(problem);
        }

        if (client is not null)
        {
            (_remoteAddress, _state) = (client.RemoteAddress, State.Read);
            socket.Notify(ClientNotice.Accepted.Instance);
            return new ForwardOpening.Client(client);
        }

        _state = State.HandedOver;
        _ = questions.AnswerAsync(socket, end, new PeerQuestion(request!.Kind, request.Body));
        return new ForwardOpening.Question();
    }

    public void Answer(ForwardAnswer answer)
    {
        if (_state != State.Read)
        {
            throw new InvalidOperationException($"There is no request to answer: {_state}.");
        }

        var code = answer switch
        {
            ForwardAnswer.Served => PeerCode.Served,
            ForwardAnswer.Moved => PeerCode.Moved,
            ForwardAnswer.Refused => PeerCode.Refused,
            _ => throw new ArgumentOutOfRangeException(nameof(answer), answer, "An answer without a case."),
        };
        _state = socket.TryWrite(end.Answer(code)) ? State.Answered : State.Lost;
        if (_state == State.Lost)
        {
            socket.Reset();
        }
    }

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        // The node that the client is connected to is told by the answer.
    }

    /// <exception cref="InvalidOperationException">Always: the node that the client is connected to has read it.</exception>
    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A connection that was passed on brings no preamble.");

    // Until it has its answer the other node neither sends nor ends anything; if it does, it has stopped, and its client is gone with it.
    public Task WaitForResetAsync(CancellationToken cancellationToken) =>
        _state == State.Answered ? socket.WaitForResetAsync(cancellationToken) : socket.WaitForEndAsync(cancellationToken);

    public void Reset()
    {
        if (_state != State.HandedOver)
        {
            socket.Reset();
        }
    }

    public void Dispose()
    {
        if (_state != State.HandedOver)
        {
            socket.Dispose();
        }
    }

    /// <summary>The socket itself, for a session; null if the other node was gone before it could be answered.</summary>
    /// <exception cref="InvalidOperationException">The other node was not answered.</exception>
    public IClientSocket? Unwrap() => _state switch
    {
        State.Answered => socket,
        State.Lost => null,
        var state => throw new InvalidOperationException($"There is no client yet: {state}."),
    };

    private async Task<(PeerRequest? Request, string? Problem)> ReadAsync(CancellationToken cancellationToken)
    {
        // A node whose host dies says nothing any more, and its clients would keep the instance for ever.
        socket.LookAfterPeer();
        var head = new byte[PeerProtocol.RequestHeadLength];
        if (!await socket.WriteAsync(end.Hello(), cancellationToken))
        {
            return (null, "it went away before anything was said");
        }

        if (await socket.ReadAsync(head, cancellationToken) is var received && received < head.Length)
        {
            return (null, Incomplete(received, cancellationToken));
        }

        if (!end.TryReadHead(head, out var length, out var problem))
        {
            return (null, problem);
        }

        var rest = new byte[length];
        received = await socket.ReadAsync(rest, cancellationToken);
        return received < length ? (null, Incomplete(head.Length + received, cancellationToken))
            : end.TryReadRest(rest, out var request, out problem) ? (request, null)
            : (null, problem);
    }

    private static string Incomplete(int received, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? $"it was given up after {received} bytes, which are no whole request" : $"it ended after {received} bytes, which are no whole request";
}
