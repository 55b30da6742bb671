namespace Instancer.Cluster.Membership;

/// <summary>How it gets a place, and how it gives it up.</summary>
internal sealed partial class MembershipActor
{
    /// <summary>How long after the end of its lease a key that is still there must be another node's.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private object _attempt = new();
    // How many calls are under way that may leave something behind, or take it away.
    private int _calls;
    private Other? _other;

    private void Join()
    {
        var (attempt, askedAt) = (_attempt = new object(), Context.Time.GetTimestamp());
        _calls++;
        Context.PipeToSelf(
            scope.Store.GrantAsync(scope.Options.Lease, CancellationToken.None), result => new MembershipMessage.Granted(attempt, askedAt, result));
    }

    private void OnGranted(MembershipMessage.Granted granted)
    {
        if (granted.Attempt != _attempt)
        {
            if (granted.Result.Value is { } unwanted)
            {
                Revoke(unwanted.Id);
            }

            return;
        }

        _calls--;
        if (scope.Fence.IsOver)
        {
            if (granted.Result.Value is { } late)
            {
                Revoke(late.Id);
            }

            EndIfLeft();
        }
        else if (granted.Result.Value is { } lease)
        {
            Register(granted, lease);
        }
        else
        {
            Fail(granted.Result.Error!);
        }
    }

    private void Register(MembershipMessage.Granted granted, Lease lease)
    {
        var value = Describe();
        var registration = new StoreTransaction(
            [new StoreCompare.Absent(_key)], [new StoreOperation.Put(_key, value, lease.Id)], [new StoreOperation.Get(KeyRange.One(_key))]);
        _calls++;
        Context.PipeToSelf(
            scope.Store.CommitAsync(registration, CancellationToken.None),
            result => new MembershipMessage.Registered(granted.Attempt, lease, granted.AskedAt, value, result));
    }

    private void OnRegistered(MembershipMessage.Registered registered)
    {
        if (registered.Attempt != _attempt)
        {
            Revoke(registered.Lease.Id);
            return;
        }

        _calls--;
        if (!scope.Fence.IsOver && registered.Result.Value is { Succeeded: true } answer)
        {
            Enter(registered, answer.Revision);
            return;
        }

        // Registered or not: with its lease the key goes too.
        Revoke(registered.Lease.Id);
        if (registered.Result.Error is { } error)
        {
            Fail(error);
        }
        else
        {
            OnTaken(registered.Result.Value!);
        }
    }

    private void Enter(MembershipMessage.Registered registered, long revision)
    {
        var place = new Place(registered.Lease.Id, scope.Fence);
        Hold(place, registered.AskedAt, registered.Lease.Ttl);
        if (!place.Holds)
        {
            scope.Fence.Close();
            Revoke(place.Lease);
            JoinLater("the store took longer to answer than a place lasts");
            return;
        }

        (_place, _other) = (place, null);
        _complaints.Clear();
        ClusterLog.Joined(scope.Logger, scope.Options.Node, revision);
        scope.Watcher.Joined(place);
        Context.StartTimer(KeepAliveTimer, new MembershipMessage.KeepAliveDue(), scope.Options.KeepAliveInterval);
        OnEntered(registered.Value, revision);
    }

    // Who died and started again finds the key of its earlier life, for as long as that one's lease lasts.
    private void OnTaken(TransactionAnswer answer)
    {
        if (answer.Gets is not [[var found]])
        {
            JoinLater(null);
            return;
        }

        var name = scope.Options.Node;
        var holder = Member.TryParse(name, found.Value, out var member) && member.Life.Length > 0 ? member.Life : $"since {found.CreateRevision}";
        if (holder == scope.Life)
        {
            JoinLater("what this node had before is not over yet");
            return;
        }

        if (_other?.Life != holder)
        {
            _other = new Other(holder, Context.Time.GetTimestamp());
        }

        if (Context.Time.GetElapsedTime(_other.SeenAt) < scope.Options.Lease + Grace)
        {
            JoinLater($"the name {name} is taken, by another node or by an earlier life of this one that is not over yet");
            return;
        }

        var taken = $"another node is called {name}: the one at {member?.Advertise.ToString() ?? "an address that cannot be read"}";
        scope.Watcher.Refused(taken);
        JoinLater(taken);
    }

    private void Fail(StoreError error)
    {
        // A store that was away may have given every lease its whole time again.
        _other = null;
        if (error.Failure is StoreFailure.Refused or StoreFailure.Unusable)
        {
            scope.Watcher.Refused(error.Message);
        }

        JoinLater(error.Message);
    }

    private void JoinLater(string? reason)
    {
        if (reason is not null)
        {
            _complaints.Say(reason);
        }

        var quiet = _quietSince is { } since ? scope.Options.Lease - Context.Time.GetElapsedTime(since) : Retry;
        Context.StartTimer(JoinTimer, new MembershipMessage.JoinDue(), quiet > Retry ? quiet : Retry);
    }

    private void OnLeave()
    {
        scope.Fence.End();
        Context.CancelTimer(JoinTimer);
        if (EndPlace(null) is { } left)
        {
            Revoke(left.Lease);
        }

        EndIfLeft();
    }

    private void Revoke(long lease)
    {
        _calls++;
        Context.PipeToSelf(scope.Store.RevokeAsync(lease, CancellationToken.None), error => new MembershipMessage.Revoked(this, error));
    }

    // One that could not be revoked runs out.
    private void OnRevoked(MembershipMessage.Revoked revoked)
    {
        if (revoked.Error is { } error)
        {
            ClusterLog.NotRevoked(scope.Logger, error.Message);
        }

        if (revoked.Life == this)
        {
            _calls--;
            EndIfLeft();
        }
    }

    private void EndIfLeft()
    {
        if (scope.Fence.IsOver && _calls == 0)
        {
            scope.Watcher.Left();
        }
    }

    /// <summary>Who has this node's name.</summary>
    /// <param name="Life">Tells it from others who have it later.</param>
    /// <param name="SeenAt">When it was seen first.</param>
    private sealed record Other(string Life, long SeenAt);
}
