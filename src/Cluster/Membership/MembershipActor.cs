using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Cluster.Membership;

/// <summary>
/// Keeps the node's place in the cluster: a lease, the node's key on it, and signs of life. A place that may be another's soon is given up, by the node's own clock and in
/// time; then it tries to join anew.
/// </summary>
internal sealed class MembershipActor(ClusterOptions options, IKeyValueStore store, Fence fence, IPlaceWatcher watcher, ILogger logger) : Actor<MembershipMessage>
{
    private const string JoinTimer = "join";
    private const string KeepAliveTimer = "keep-alive";
    private const string FenceTimer = "fence";

    /// <summary>How long to wait after a call that failed.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private int _attempt;
    private Place? _place;
    private string? _complaint;
    private ReplyTo<Left>? _leaving;
    private long _leftLease;

    protected override void PreStart() => Join();

    protected override void Receive(MembershipMessage message)
    {
        switch (message)
        {
            case MembershipMessage.JoinDue when _place is null && _leaving is null:
                Join();
                break;
            case MembershipMessage.Granted granted when granted.Attempt == _attempt:
                OnGranted(granted);
                break;
            case MembershipMessage.Granted { Result.Value: { } unwanted }:
                Revoke(unwanted.Id);
                break;
            case MembershipMessage.Registered registered when registered.Attempt == _attempt:
                OnRegistered(registered);
                break;
            case MembershipMessage.Registered unwanted:
                Revoke(unwanted.Lease.Id);
                break;
            case MembershipMessage.KeepAliveDue when _place is { } place:
                KeepAlive(place);
                break;
            case MembershipMessage.KeptAlive kept when kept.Attempt == _attempt && _place is { } place:
                OnKeptAlive(place, kept);
                break;
            case MembershipMessage.FenceDue when _place is { } place && !fence.Allows(place):
                Lose("no sign of life has reached the store in time");
                break;
            case MembershipMessage.Leave leave:
                OnLeave(leave.ReplyTo);
                break;
            case MembershipMessage.Revoked revoked:
                OnRevoked(revoked.Lease, revoked.Error);
                break;
        }
    }

    /// <summary>What it knew is not trusted; the lease that it had runs out by itself.</summary>
    protected override void PreRestart(Exception cause) => EndPlace();

    protected override void PostStop() => EndPlace();

    private void Join()
    {
        var (attempt, askedAt) = (++_attempt, Context.Time.GetTimestamp());
        Context.PipeToSelf(
            store.GrantAsync(options.Lease, CancellationToken.None), result => new MembershipMessage.Granted(attempt, askedAt, result));
    }

    private void OnGranted(MembershipMessage.Granted granted)
    {
        if (granted.Result.Value is not { } lease)
        {
            JoinLater(granted.Result.Error!.Message);
            return;
        }

        var key = ClusterKeys.Node(options.Node);
        var value = new Member(options.Node, options.Advertise).ToValue();
        var registration = new StoreTransaction(
            [new StoreCompare.Absent(key)], [new StoreOperation.Put(key, value, lease.Id)], [new StoreOperation.Get(KeyRange.One(key))]);
        Context.PipeToSelf(
            store.CommitAsync(registration, CancellationToken.None),
            result => new MembershipMessage.Registered(granted.Attempt, lease, granted.AskedAt, result));
    }

    private void OnRegistered(MembershipMessage.Registered registered)
    {
        if (registered.Result.Value is not { Succeeded: true } answer)
        {
            // Registered or not: with its lease the key goes too.
            Revoke(registered.Lease.Id);
            JoinLater(registered.Result.Error?.Message ?? $"another node is called {options.Node}, or an earlier life of this one is not over yet");
            return;
        }

        var place = new Place(registered.Lease.Id, fence);
        Hold(place, registered.AskedAt, registered.Lease.Ttl);
        if (!fence.Allows(place))
        {
            Revoke(place.Lease);
            JoinLater("the store took longer to answer than a place lasts");
            return;
        }

        (_place, _complaint) = (place, null);
        ClusterLog.Joined(logger, options.Node, answer.Revision);
        watcher.Joined(place);
        Context.StartTimer(KeepAliveTimer, new MembershipMessage.KeepAliveDue(), options.KeepAliveInterval);
    }

    private void KeepAlive(Place place)
    {
        var (attempt, askedAt) = (_attempt, Context.Time.GetTimestamp());
        Context.PipeToSelf(
            store.KeepAliveAsync(place.Lease, CancellationToken.None), result => new MembershipMessage.KeptAlive(attempt, askedAt, result));
    }

    private void OnKeptAlive(Place place, MembershipMessage.KeptAlive kept)
    {
        switch (kept.Result.Value)
        {
            case { Remaining: { } remaining }:
                _complaint = null;
                Hold(place, kept.AskedAt, remaining);
                Context.StartTimer(KeepAliveTimer, new MembershipMessage.KeepAliveDue(), options.KeepAliveInterval);
                break;
            case { Remaining: null }:
                Lose("the store has ended the lease");
                break;
            default:
                Complain(kept.Result.Error!.Message);
                Context.StartTimer(KeepAliveTimer, new MembershipMessage.KeepAliveDue(), Retry);
                break;
        }
    }

    // The lease began to run when it was asked for, at the earliest: so this ends before it does.
    private void Hold(Place place, long askedAt, TimeSpan lease)
    {
        var span = lease - options.Margin;
        fence.Open(place, askedAt + (long)(span.TotalSeconds * Context.Time.TimestampFrequency));
        var left = span - Context.Time.GetElapsedTime(askedAt);
        Context.StartTimer(FenceTimer, new MembershipMessage.FenceDue(), left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    private void Lose(string reason)
    {
        ClusterLog.Lost(logger, options.Node, reason);
        if (EndPlace() is { } lost)
        {
            Revoke(lost.Lease);
        }

        JoinLater(null);
    }

    private Place? EndPlace()
    {
        fence.Close();
        Context.CancelTimer(KeepAliveTimer);
        Context.CancelTimer(FenceTimer);
        var lost = _place;
        _place = null;
        if (lost is not null)
        {
            watcher.Lost(lost);
        }

        return lost;
    }

    private void OnLeave(ReplyTo<Left> replyTo)
    {
        _leaving = replyTo;
        _attempt++;
        Context.CancelTimer(JoinTimer);
        if (EndPlace() is { } left)
        {
            _leftLease = left.Lease;
            Revoke(left.Lease);
        }
        else
        {
            replyTo.Reply(new Left());
        }
    }

    private void Revoke(long lease)
        => Context.PipeToSelf(store.RevokeAsync(lease, CancellationToken.None), error => new MembershipMessage.Revoked(lease, error));

    // One that could not be revoked runs out.
    private void OnRevoked(long lease, StoreError? error)
    {
        if (error is not null)
        {
            ClusterLog.NotRevoked(logger, error.Message);
        }

        if (lease == _leftLease)
        {
            _leaving?.Reply(new Left());
        }
    }

    private void JoinLater(string? reason)
    {
        if (reason is not null)
        {
            Complain(reason);
        }

        Context.StartTimer(JoinTimer, new MembershipMessage.JoinDue(), Retry);
    }

    // Once for each reason, and not every second.
    private void Complain(string reason)
    {
        if (_complaint != reason)
        {
            _complaint = reason;
            ClusterLog.NoAnswer(logger, options.Node, reason);
        }
    }
}
