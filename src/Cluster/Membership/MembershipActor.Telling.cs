namespace Instancer.Cluster.Membership;

/// <summary>What it tells the others of this node, and whether that is what the store has.</summary>
internal sealed partial class MembershipActor
{
    /// <summary>How long at least from one telling to the next: each is told to every node.</summary>
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(1);

    private MembershipMessage.KeySeen? _lastSeen;
    private string? _stored;
    private long _storedAt;
    private long? _toldAt;
    private bool _isTelling;

    private string Describe() => new Member(scope.Options.Node, scope.Options.Advertise)
    {
        Life = scope.Life,
        IsDraining = scope.Load.IsDraining,
        Loads = scope.Load.Challenges,
    }.ToValue();

    private void OnEntered(string value, long revision)
    {
        (_stored, _storedAt, _toldAt, _isTelling) = (value, revision, Context.Time.GetTimestamp(), false);
        // It may have changed, or have been taken away, before this node knew that it was there.
        if (_lastSeen is { } seen && seen.Revision > revision)
        {
            OnKeySeen(seen);
        }

        TellOthers();
    }

    private void TellOthers(bool isUrgent = false)
    {
        if (_place is not { } place || _isTelling || Describe() is var value && value == _stored)
        {
            return;
        }

        var now = Context.Time.GetTimestamp();
        if (!isUrgent && _toldAt is { } last && TellInterval - Context.Time.GetElapsedTime(last, now) is var left && left > TimeSpan.Zero)
        {
            Context.StartTimer(TellTimer, new MembershipMessage.LoadChanged(), left);
            return;
        }

        (_toldAt, _isTelling) = (now, true);
        // Only what is this life's own: a node that was away must not speak for the one that has its name now.
        var telling = new StoreTransaction(
            [new StoreCompare.HasLease(_key, place.Lease)], [new StoreOperation.Put(_key, value, place.Lease)], []);
        Context.PipeToSelf(
            scope.Store.CommitAsync(telling, CancellationToken.None), result => new MembershipMessage.Told(place, value, result));
    }

    private void OnTold(MembershipMessage.Told told)
    {
        _isTelling = false;
        if (told.Result.Value is { Succeeded: true } answer)
        {
            (_stored, _storedAt) = (told.Value, answer.Revision);
            TellOthers();
        }
        else if (told.Result.Error is { Failure: not StoreFailure.LeaseGone } error)
        {
            _complaints.Say(error.Message);
            Context.StartTimer(TellTimer, new MembershipMessage.LoadChanged(), Retry);
        }
        else
        {
            Lose("its key is not its own any more");
        }
    }

    private void OnKeySeen(MembershipMessage.KeySeen seen)
    {
        _lastSeen = seen;
        if (_place is not { } place || seen.Revision < _storedAt || seen.ModRevision == _storedAt)
        {
            return;
        }

        if (seen.Revision == _storedAt || (seen.Value is not null && seen.ModRevision < _storedAt))
        {
            // What was put by then is not there.
            OnWentBack();
        }
        else if (seen.Value is null)
        {
            Lose("its key in the store is gone");
        }
        else if (seen.Lease != place.Lease)
        {
            Lose("its key in the store is another's");
        }
        else
        {
            // Not what was told last if something told before it came late.
            (_stored, _storedAt) = (seen.Value, seen.Revision);
            TellOthers();
        }
    }
}
