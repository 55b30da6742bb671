using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;

namespace Instancer.Actors.Registry;

/// <summary>Resets: first what other nodes have of the token goes, then what is here, and then its client is served.</summary>
internal sealed partial class TokenRegistryActor
{
    private readonly PendingResets _resets = new();

    private bool ReceiveResets(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.ResetElsewhere elsewhere:
                OnResetElsewhere(elsewhere.Request, elsewhere.Failure);
                return true;
            case RegistryMessage.ResetAbandoned abandoned:
                _resets.Abandon(abandoned.Key, abandoned.Connection);
                return true;
            default:
                return false;
        }
    }

    private bool IsReset(RegistryMessage.Acquire request)
        => request.Key.Identifier == Preamble.ResetIdentifier
            && !request.IsForwarded
            && !request.IsAgain
            && _instanceScopes[request.Key.Challenge].Challenge.Scope == ChallengeScope.Identifier;

    private void Reset(RegistryMessage.Acquire request)
    {
        var limit = _scope.Options.StartQueue.Timeout;
        var giveUp = new CancellationTokenSource(limit, Context.Time);
        var elsewhere = _scope.Ownership.ResetElsewhereAsync(request.Key.Challenge, request.Key.Token, giveUp.Token);
        if (elsewhere.IsCompletedSuccessfully)
        {
            giveUp.Dispose();
            OnResetElsewhere(request, elsewhere.Result);
            return;
        }

        request.Connection.Tell(ConnectionMessage.LeasePending.Instance);
        Context.PipeToSelf(
            elsewhere.AsTask(),
            failure => new RegistryMessage.ResetElsewhere(request, failure),
            fault => new RegistryMessage.ResetElsewhere(
                request, fault is OperationCanceledException ? $"the other nodes have not removed what they have within {limit}" : fault.Message));
    }

    private void OnResetElsewhere(RegistryMessage.Acquire request, string? failure)
    {
        if (failure is not null)
        {
            request.Connection.Tell(new ConnectionMessage.LeaseDenied(failure));
        }
        else if (_shutdown is not null || _life.HandsBack)
        {
            request.Connection.Tell(new ConnectionMessage.LeaseElsewhere(null, "the node stops") { IsUntouched = true });
        }
        else
        {
            ResetHere(request);
        }
    }

    private void ResetHere(RegistryMessage.Acquire request)
    {
        var awaited = _instances.OfToken(request.Key.Challenge, request.Key.Token).Where(HasBackend).ToList();
        foreach (var key in awaited)
        {
            if (_instances.TryGet(key, out var entry))
            {
                entry.Actor.Tell(new InstanceMessage.Stop(StopCause.Reset));
            }
        }

        if (awaited.Count == 0)
        {
            HandOn(request);
            return;
        }

        request.Connection.Tell(ConnectionMessage.LeasePending.Instance);
        Context.Watch(request.Connection, new RegistryMessage.ResetAbandoned(request.Key, request.Connection));
        _resets.Add(request, awaited);
    }
}
