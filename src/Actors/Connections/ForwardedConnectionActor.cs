using Instancer.Actors.Registry;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>A connection that another node passes on: it opens with that node's request, and is answered before anything of the backend's passes.</summary>
internal sealed class ForwardedConnectionActor : ConnectionActor
{
    /// <summary>How long another node may take to say what it wants: it has had its client's preamble already.</summary>
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly ForwardScope _scope;
    private readonly IForwardedSocket _socket;
    private bool _answered;

    public ForwardedConnectionActor(ForwardScope scope, IForwardedSocket socket)
        : base(socket)
    {
        _scope = scope;
        _socket = socket;
    }

    protected override string Door => Scope?.Challenge.Name ?? ForwardScope.Door;

    protected override ILogger Logger => _scope.Logger;

    protected internal override void PreStart()
    {
        Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), RequestTimeout);
        Context.PipeToSelf(_socket.ReadRequestAsync(Stopped), opening => new ConnectionMessage.RequestRead(opening));
    }

    protected override void ReceiveMore(ConnectionMessage message)
    {
        if (message is ConnectionMessage.RequestRead read && Now == Phase.Opening)
        {
            OnOpening(read.Opening);
        }
    }

    /// <summary>There is no second hop: the node that the client is connected to asks again.</summary>
    protected override void OnElsewhere(ConnectionMessage.LeaseElsewhere elsewhere)
    {
        Answer(ForwardAnswer.Moved);
        Close("moved", elsewhere.Reason);
    }

    protected override void OnServing() => Answer(ForwardAnswer.Served);

    protected override void OnUnserved(string outcome)
    {
        if (Now is not (Phase.Opening or Phase.Relay))
        {
            // What this node's end cuts short another node may serve.
            Answer(outcome == Aborted ? ForwardAnswer.Moved : ForwardAnswer.Refused);
        }
    }

    protected override void NoteEnded(string outcome) => _scope.Metrics.ForwardedIn(Scope?.Challenge.Name, outcome);

    private void OnOpening(ForwardOpening opening)
    {
        switch (opening)
        {
            case ForwardOpening.Client client:
                OnRequest(client.Request);
                break;
            case ForwardOpening.Question:
                Close("question", "it brought an operator's question, which is answered by itself");
                break;
            case ForwardOpening.Invalid invalid:
                TurnAway("not-accepted", invalid.Reason);
                break;
            default:
                throw new InvalidOperationException($"An opening without a case: {opening}.");
        }
    }

    private void OnRequest(ForwardRequest request)
    {
        if (!_scope.Challenges.TryGetValue(request.Key.Challenge, out var challenge))
        {
            Answer(ForwardAnswer.Refused);
            Close("denied", $"this node has no challenge {request.Key.Challenge}");
        }
        else
        {
            Admit(challenge, new RegistryMessage.Acquire(request.Key, request.Client, Self) { IsForwarded = true });
        }
    }

    private void Answer(ForwardAnswer answer)
    {
        if (!_answered)
        {
            _answered = true;
            _socket.Answer(answer);
        }
    }
}
