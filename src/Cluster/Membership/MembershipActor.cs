using Instancer.Actors.Runtime;

namespace Instancer.Cluster.Membership;

/// <summary>
/// Keeps the node's place in the cluster: a lease, the node's key on it, and signs of life. A place that may be another's soon is given up, by the node's own clock and in
/// time; then it tries to join anew.
/// </summary>
internal sealed partial class MembershipActor(MembershipScope scope) : Actor<MembershipMessage>
{
    private const string JoinTimer = "join";
    private const string KeepAliveTimer = "keep-alive";
    private const string FenceTimer = "fence";
    private const string TellTimer = "tell";

    /// <summary>How long to wait after a call that failed.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FenceRetry = TimeSpan.FromMilliseconds(10);

    private readonly string _key = ClusterKeys.Node(scope.Options.Node);
    private readonly Complaints _complaints = new(scope.Options.Node, scope.Logger);
    private Place? _place;
    private long? _quietSince;

    protected override void PreStart()
    {
        if (scope.Fence.IsOver)
        {
            // It was to leave, and failed.
            scope.Watcher.Left();
        }
        else
        {
            Join();
        }
    }

    protected override void Receive(MembershipMessage message)
    {
        switch (message)
        {
            case MembershipMessage.JoinDue when _place is null && !scope.Fence.IsOver:
                Join();
                break;
            case MembershipMessage.Granted granted:
                OnGranted(granted);
                break;
            case MembershipMessage.Registered registered:
                OnRegistered(registered);
                break;
            case MembershipMessage.KeepAliveDue when _place is { } place:
                KeepAlive(place);
                break;
            case MembershipMessage.KeptAlive kept when kept.Place == _place:
                OnKeptAlive(kept);
                break;
            case MembershipMessage.FenceDue when _place is { } place:
                OnFenceDue(place);
                break;
            case MembershipMessage.LoadChanged changed:
                TellOthers(changed.IsUrgent);
                break;
            case MembershipMessage.Told told when told.Place == _place:
                OnTold(told);
                break;
            case MembershipMessage.KeySeen seen:
                OnKeySeen(seen);
                break;
            case MembershipMessage.StoreWentBack:
                OnWentBack();
                break;
            case MembershipMessage.Leave:
                OnLeave();
                break;
            case MembershipMessage.Revoked revoked:
                OnRevoked(revoked);
                break;
        }
    }

    /// <summary>What it knew is not trusted; the lease that it had runs out by itself.</summary>
    protected override void PreRestart(Exception cause) => EndPlace(cause.Message);

    protected override void PostStop()
    {
        EndPlace(null);
        if (scope.Fence.IsOver)
        {
            scope.Watcher.Left();
        }
    }

    private void KeepAlive(Place place)
    {
        var askedAt = Context.Time.GetTimestamp();
        Context.PipeToSelf(
            scope.Store.KeepAliveAsync(place.Lease, CancellationToken.None), result => new MembershipMessage.KeptAlive(place, askedAt, result));
    }

    private void OnKeptAlive(MembershipMessage.KeptAlive kept)
    {
        switch (kept.Result.Value)
        {
            case not null when !scope.Fence.Allows(kept.Place):
                // What was told meanwhile that there is no place has to stay true.
                Lose("the answer to a sign of life came too late");
                break;
            case { Remaining: { } remaining }:
                _complaints.Clear();
                Hold(kept.Place, kept.AskedAt, remaining);
                Context.StartTimer(KeepAliveTimer, new MembershipMessage.KeepAliveDue(), scope.Options.KeepAliveInterval);
                break;
            case { Remaining: null }:
                Lose("the store has ended the lease");
                break;
            default:
                _complaints.Say(kept.Result.Error!.Message);
                Context.StartTimer(KeepAliveTimer, new MembershipMessage.KeepAliveDue(), Retry);
                break;
        }
    }

    // The lease began to run when it was asked for, at the earliest: so this ends before it does.
    private void Hold(Place place, long askedAt, TimeSpan lease)
    {
        var span = lease - scope.Options.Margin;
        scope.Fence.Open(place, askedAt + (long)(span.TotalSeconds * Context.Time.TimestampFrequency));
        var left = span - Context.Time.GetElapsedTime(askedAt);
        Context.StartTimer(FenceTimer, new MembershipMessage.FenceDue(), left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    // A timer may come a moment before its time, by the other of the machine's two clocks: then it is still this node's place, and nobody would come again.
    private void OnFenceDue(Place place)
    {
        if (place.Holds)
        {
            Context.StartTimer(FenceTimer, new MembershipMessage.FenceDue(), FenceRetry);
        }
        else
        {
            Lose("no sign of life has reached the store in time");
        }
    }

    private void Lose(string reason)
    {
        ClusterLog.Lost(scope.Logger, scope.Options.Node, reason);
        if (EndPlace(reason) is { } lost)
        {
            Revoke(lost.Lease);
        }

        JoinLater(null);
    }

    // What this node owns may be forgotten as well, and what others own: each has noticed within a lease, and until then nobody claims anything.
    private void OnWentBack()
    {
        if (scope.Fence.IsOver)
        {
            return;
        }

        const string Reason = "the store has gone back to what it was before";
        _quietSince = Context.Time.GetTimestamp();
        if (_place is null)
        {
            JoinLater(Reason);
        }
        else
        {
            Lose(Reason);
        }
    }

    private Place? EndPlace(string? reason)
    {
        scope.Fence.Close();
        Context.CancelTimer(KeepAliveTimer);
        Context.CancelTimer(FenceTimer);
        Context.CancelTimer(TellTimer);
        var lost = _place;
        _place = null;
        if (lost is not null)
        {
            scope.Watcher.Lost(lost, reason);
        }

        return lost;
    }
}
