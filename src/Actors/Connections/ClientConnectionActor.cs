using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>A client's own connection: it opens with the preamble, and if its instance is another node's it is passed on.</summary>
internal sealed class ClientConnectionActor : ConnectionActor
{
    private const string AskAgain = "ask again";

    /// <summary>How long to wait before it is asked again who owns a key that the one asked did not have, or did not answer for; twice as long each time.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly ConnectionScope _scope;
    private readonly IClientSocket _socket;
    private RegistryMessage.Acquire? _request;
    private TimeSpan _askedAt;
    private TimeSpan? _patienceEnds;
    private TimeSpan _pause = FirstPause;

    public ClientConnectionActor(ConnectionScope scope, IClientSocket socket)
        : base(socket)
    {
        _scope = scope;
        _socket = socket;
    }

    protected override string Door => _scope.Challenge.Name;

    protected override ILogger Logger => _scope.Logger;

    protected internal override void PreStart()
    {
        _scope.Metrics.ConnectionAccepted(_scope.Challenge.Name);
        if (_scope.Challenge.Scope == ChallengeScope.Connection)
        {
            Ask(new InstanceKey(_scope.Challenge.Name, _scope.NewToken(), 1), client: null);
            return;
        }

        Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), _scope.Options.Gateway.PreambleTimeout);
        Context.PipeToSelf(_socket.ReadPreambleAsync(Stopped), outcome => new ConnectionMessage.PreambleRead(outcome));
    }

    protected override void ReceiveMore(ConnectionMessage message)
    {
        switch (message, Now)
        {
            case (ConnectionMessage.PreambleRead read, Phase.Opening):
                OnPreamble(read.Outcome);
                break;
            case (ConnectionMessage.Authenticated authenticated, Phase.Authentication):
                OnAuthenticated(authenticated.Preamble, authenticated.Client);
                break;
            case (ConnectionMessage.Forwarded forwarded, Phase.Forward):
                OnForwarded(forwarded.Outcome);
                break;
            case (ConnectionMessage.AskAgain, Phase.Forward):
                Now = Phase.Admission;
                _scope.Registry.Tell(_request!);
                break;
        }
    }

    protected override void OnElsewhere(ConnectionMessage.LeaseElsewhere elsewhere)
    {
        if (_scope.Cluster is not { } cluster)
        {
            Close("denied", elsewhere.Reason);
            return;
        }

        Now = Phase.Forward;
        _request = _request! with { IsAgain = _request.IsAgain || !elsewhere.IsUntouched };
        WatchForReset();
        if (elsewhere.Node is { } node)
        {
            var request = new ForwardRequest(_request.Key, _request.Client, _socket.RemoteAddress);
            Context.PipeToSelf(
                cluster.Forwarder.ForwardAsync(node, request, Stopped), outcome => new ConnectionMessage.Forwarded(outcome));
        }
        else
        {
            // It has waited for that answer already: without a place it takes as long as one lasts.
            OnMoved(elsewhere.Reason, since: _askedAt);
        }
    }

    protected override void NoteEnded(string outcome) => _scope.Metrics.ConnectionEnded(_scope.Challenge.Name, outcome);

    private void OnPreamble(PreambleOutcome outcome)
    {
        if (outcome is not PreambleOutcome.Complete { Preamble: var preamble })
        {
            Close("incomplete", outcome is PreambleOutcome.Incomplete { Received: var received } ? $"{received} of {Preamble.Length} bytes came" : "what came is no preamble");
            return;
        }

        Now = Phase.Authentication;
        Context.PipeToSelf(
            _scope.Authenticator.AuthenticateAsync(new AuthenticationRequest(_scope.Challenge.Name, _socket.RemoteAddress, preamble.TokenMemory), Stopped).AsTask(),
            client => new ConnectionMessage.Authenticated(preamble, client));
    }

    private void OnAuthenticated(Preamble preamble, Client? client)
    {
        var identifier = preamble.Identifier;
        preamble.Erase();
        if (client is null)
        {
            Close("not-accepted", "the token is not accepted");
            return;
        }

        Ask(new InstanceKey(_scope.Challenge.Name, client.Token, identifier), client.Name);
    }

    private void Ask(InstanceKey key, string? client)
    {
        _askedAt = Context.Time.Uptime();
        _request = new RegistryMessage.Acquire(key, client, Self);
        Admit(_scope, _request);
    }

    private void OnForwarded(ForwardOutcome outcome)
    {
        _scope.Metrics.ForwardedOut(_scope.Challenge.Name, outcome);
        switch (outcome)
        {
            case ForwardOutcome.Accepted accepted:
                Relay(accepted.Socket);
                break;
            case ForwardOutcome.Refused refused:
                Close("denied", refused.Reason);
                break;
            case ForwardOutcome.Moved moved:
                _request = _request! with { StaysHere = true };
                OnMoved(moved.Reason, since: Context.Time.Uptime());
                break;
        }
    }

    /// <summary>
    /// Who owns the key cannot be told yet, or does not answer. That one may have died, and its keys are somebody else's once its lease has ended: so long the client waits.
    /// </summary>
    private void OnMoved(string reason, TimeSpan since)
    {
        _patienceEnds ??= since + _scope.Cluster!.Patience;
        if (Context.Time.Uptime() < _patienceEnds)
        {
            Context.StartTimer(AskAgain, new ConnectionMessage.AskAgain(), _pause);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
        else
        {
            Close("denied", reason);
        }
    }
}
