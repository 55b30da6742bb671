using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Connections;

/// <summary>A client's own connection: it opens with the preamble, and if its instance is another node's it is passed on, which has a file of its own.</summary>
internal sealed partial class ClientConnectionActor : ConnectionActor
{
    private readonly ConnectionScope _scope;
    private readonly IClientSocket _socket;
    private RegistryMessage.Acquire? _request;
    private TimeSpan _askedAt;
    private Preamble? _preamble;

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
        var pass = _socket.PassAsync(Stopped);
        if (_scope.Challenge.Scope == ChallengeScope.Identifier || !pass.IsCompletedSuccessfully)
        {
            var allowance = _scope.Limits.Of(_scope.Challenge.Name).OpeningAllowance;
            Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), _scope.Options.Gateway.PreambleTimeout + allowance);
        }

        if (pass.IsCompletedSuccessfully)
        {
            OnPassed(pass.Result);
        }
        else
        {
            Context.PipeToSelf(pass.AsTask(), passed => new ConnectionMessage.Passed(passed));
        }
    }

    protected internal override void PostStop()
    {
        base.PostStop();
        _preamble?.Erase();
    }

    protected override void ReceiveMore(ConnectionMessage message)
    {
        switch (message, Now)
        {
            case (ConnectionMessage.Passed passed, Phase.Opening):
                OnPassed(passed.IsPassed);
                break;
            case (ConnectionMessage.PreambleRead read, Phase.Opening):
                OnPreamble(read.Outcome);
                break;
            case (ConnectionMessage.Authenticated authenticated, Phase.Authentication):
                OnAuthenticated(authenticated.Answer);
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

    protected override void NoteEnded(string outcome) => _scope.Metrics.ConnectionEnded(_scope.Challenge.Name, outcome);

    private void OnPassed(bool isPassed)
    {
        if (!isPassed)
        {
            TurnAway("not-passed", "it has not done what it was asked before its preamble");
        }
        else if (_scope.Challenge.Scope == ChallengeScope.Connection)
        {
            Ask(new InstanceKey(_scope.Challenge.Name, _scope.NewToken(), 1), client: null);
        }
        else
        {
            Context.PipeToSelf(_socket.ReadPreambleAsync(Stopped), outcome => new ConnectionMessage.PreambleRead(outcome));
        }
    }

    private void OnPreamble(PreambleOutcome outcome)
    {
        if (outcome is PreambleOutcome.Incomplete { Received: 0 })
        {
            // A health check, or whoever looks what is here: it is no client, and nothing is held against it. Whoever says nothing and stays is another matter.
            Close("silent", "it ended before it said anything");
            return;
        }

        if (outcome is not PreambleOutcome.Complete { Preamble: var preamble })
        {
            TurnAway("incomplete", outcome is PreambleOutcome.Incomplete { Received: var received } ? $"{received} of {Preamble.Length} bytes came" : "what came is no preamble");
            return;
        }

        Now = Phase.Authentication;
        _preamble = preamble;
        var request = new AuthenticationRequest(_scope.Challenge.Name, _socket.RemoteAddress, preamble.TokenMemory);
        var answer = _scope.Authenticator.AuthenticateAsync(request, Stopped);
        if (answer.IsCompletedSuccessfully)
        {
            OnAuthenticated(answer.Result);
            return;
        }

        Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), _scope.Options.Gateway.PreambleTimeout);
        WatchForReset();
        var stopped = Stopped;
        Context.PipeToSelf(answer.AsTask(), known => new ConnectionMessage.Authenticated(known), fault =>
        {
            if (!stopped.IsCancellationRequested)
            {
                ConnectionsLog.AuthenticatorFault(_scope.Logger, fault, _scope.Challenge.Name);
            }

            return new ConnectionMessage.Authenticated(Authentication.Unknown);
        });
    }

    private void OnAuthenticated(Authentication answer)
    {
        var identifier = _preamble!.Identifier;
        _preamble.Erase();
        if (answer.IsUnknown)
        {
            Close("not-known", "nobody can say now whether the token is accepted");
            return;
        }

        if (answer.Client is not { } client)
        {
            TurnAway("not-accepted", "the token is not accepted");
            return;
        }

        Ask(new InstanceKey(_scope.Challenge.Name, client.Token, identifier), client.Name);
    }

    private void Ask(InstanceKey key, string? client)
    {
        _socket.Notify(ClientNotice.Accepted.Instance);
        _askedAt = Context.Time.Uptime();
        _request = new RegistryMessage.Acquire(key, client, Self);
        Admit(_scope, _request);
    }
}
