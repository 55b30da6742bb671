using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>
/// Spares: a backend that was started before anybody asked for it is kept under a stand-in for a key, and handed to the instance of the client who
/// comes. Until that instance has said that it has taken the backend, the spare's own actor stays and answers for it: what is not taken, or not
/// for certain, is removed, and never given to another.
/// </summary>
internal sealed partial class InstanceActor
{
    private InstanceKey? _tookSpare;

    /// <summary>For a registry that was restarted: the spare that this instance is about to take, or that its backend was.</summary>
    private SpareUse? SpareInUse =>
        _holds.Spare is { } spare ? new SpareUse(spare.Key, Taken: false)
        : _tookSpare is { } taken && _phase == Phase.Running ? new SpareUse(taken, Taken: true)
        : null;

    /// <summary>Whether the backend is a spare of which it is not yet written down that it is this instance's.</summary>
    private bool IsTaking => _phase == Phase.Running && _holds.Spare is not null;

    private bool ReceiveSpare(InstanceMessage message)
    {
        switch (message)
        {
            case InstanceMessage.StartSpare start:
                _holds.IsSpare = true;
                Start(start.Port);
                return true;
            case InstanceMessage.TakeEnded ended:
                OnTakeEnded(ended.Outcome);
                return true;
            case InstanceMessage.HandOver handOver:
                OnHandOver(handOver.To);
                return true;
            case InstanceMessage.HandOverFailed:
                OnHandOverFailed();
                return true;
            default:
                return false;
        }
    }

    private void OnHandOver(InstanceKey to)
    {
        var backend = _phase == Phase.Running ? _backend : null;
        _registry.Tell(new RegistryMessage.HandedOver(_key, to, backend));
        if (backend is not null)
        {
            AwaitTaker(backend);
        }
        else
        {
            _changed = true;
        }
    }

    /// <summary>The registry retires this actor when the taker has the backend; should it never say so, the backend goes.</summary>
    private void AwaitTaker(Backend backend)
    {
        Enter(Phase.HandedOver);
        _backend = backend;
        _port = backend.Port;
        _holds.HandedOver = backend;
        Context.StartTimer(HandOverTimer, new InstanceMessage.HandOverFailed(), _scope.Challenge.StartTimeout + CallTimeout);
    }

    private void OnHandOverFailed()
    {
        if (_phase == Phase.HandedOver)
        {
            Context.CancelTimer(HandOverTimer);
            _holds.HandedOver = null;
            Remove(_backend!.Id);
        }
    }

    /// <summary>
    /// The client is served while it is being written down whose the spare is. Should the node die before it is, the next one removes the spare, as every one that it
    /// finds: nobody else gets it either way.
    /// </summary>
    private void Take(Spare spare)
    {
        _startedAt = Context.Time.GetTimestamp();
        _holds.Spare = spare;
        InstancesLog.TakesSpare(_scope.Logger, _key.ToShortString(), spare.Key.ToShortString());
        var request = new TakeRequest(_key, _scope.Challenge.Template, spare.Key, spare.Backend) { Client = _client };
        Call(
            giveUp => _scope.Runtime.TakeAsync(request, giveUp),
            _scope.Challenge.StartTimeout,
            outcome => new InstanceMessage.TakeEnded(outcome),
            fault => new TakeOutcome.Failed(fault));
        Run(spare.Backend.AsOf(Now));
    }

    private void OnTakeEnded(TakeOutcome outcome)
    {
        EndCall();
        if (_phase == Phase.Recovering)
        {
            Recover();
            return;
        }

        var spareId = _holds.Spare!.Backend.Id;
        SettleStart(_phase == Phase.Running && outcome is TakeOutcome.Taken);
        switch (_phase, outcome)
        {
            case (Phase.Running, TakeOutcome.Taken):
                NoteStarted(_backend!);
                _holds.HasRoom = true;
                _changed = true;
                if (_leases.Count == 0 && _holds.HandsBack)
                {
                    HandBack();
                }

                break;
            case (Phase.Running, TakeOutcome.Failed failed):
                InstancesLog.SpareLost(_scope.Logger, _key.ToShortString(), failed.Reason);
                StopBackend(StopCause.SpareLost);
                break;
            default:
                // Whose it is now is not certain: it is removed by its own name, under whatever key it is.
                Remove(spareId);
                break;
        }
    }

    private void SettleStart(bool succeeded)
    {
        var spare = _holds.Spare;
        _holds.Spare = null;
        if (_holds.IsSpare)
        {
            // Before its place is another start's, so that who comes next gets this one and not a start.
            _registry.Tell(new RegistryMessage.Changed(Describe()));
        }

        _tookSpare = succeeded ? spare?.Key : null;
        _registry.Tell(new RegistryMessage.StartSettled(_key, spare is null ? null : new SpareUse(spare.Key, succeeded)));
        if (_holds.IsSpare && !succeeded)
        {
            _registry.Tell(new RegistryMessage.SpareFailed(_key));
        }
    }
}
