namespace Instancer.Actors.Instances;

/// <summary>After a restart of the actor: what is there?</summary>
internal sealed partial class InstanceActor
{
    private bool _removeFound;

    /// <summary>After a failure of this actor it is not trusted what it knew: the runtime says what is there.</summary>
    private void Recover()
    {
        Enter(Phase.Recovering);
        if (_holds.Call is { } underWay)
        {
            underWay.Cancel();
            return;
        }

        if (_holds.AsksForKey)
        {
            return;
        }

        _removeFound |= _holds.RemovesLeft;
        (_holds.Leaving, _holds.RemovesLeft) = (null, false);
        SettleStart(succeeded: false);
        Call(
            _scope.Runtime.ListAsync,
            CallTimeout,
            outcome => new InstanceMessage.Recovered(outcome),
            fault => new ListOutcome.Unavailable(fault));
    }

    private void OnRecovered(ListOutcome outcome)
    {
        EndCall();
        if (outcome is not ListOutcome.Listed listed)
        {
            Context.StartTimer(StopTimer, new InstanceMessage.RecoverAgain(), FirstStopRetry);
            return;
        }

        var found = listed.Backends.FirstOrDefault(backend => backend.Key == _key);
        if (found is null)
        {
            OnGone();
        }
        else if (found is { Usable: true, IsSpare: false } && !_removeFound && _holds.HasRoom && found.SpecHash == _scope.Challenge.Template.SpecHash)
        {
            _adoptable = found;
            Claim();
        }
        else
        {
            RemoveFound(found);
        }
    }
}
