using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>
/// What one token may have. Asked when a start is wanted, so that who may not have it is told at once, and again when it is its turn: limits change, and what was on its way out may
/// have stayed. Every instance counts that has room or is being given some, until its room is back: so there is never one more than may be, however many ask at once.
/// </summary>
internal sealed partial class TokenRegistryActor
{
    // The verdicts of one look at the queue: they are the same for all starts of a token.
    private readonly Dictionary<(string Challenge, TokenHash Token), QuotaVerdict> _judged = [];

    private ChallengeLimits LimitsOf(InstanceKey key)
        => _instanceScopes[key.Challenge].Challenge.Scope == ChallengeScope.Identifier ? _scope.Limits.Of(key.Challenge) : ChallengeLimits.None;

    /// <summary>Whether a start may wait for its turn.</summary>
    private QuotaVerdict JudgeWanted(InstanceKey key)
        => LimitsOf(key) is { CountsTokens: true } limits
            ? TokenQuotas.Judge(limits, UseOf(key) with { Queued = _queue.CountOf(key.Challenge, key.Token) })
            : QuotaVerdict.Free;

    /// <summary>Whether a start may begin, now that it is its turn; if it takes that the token's oldest goes, that one is stopped.</summary>
    private QuotaVerdict JudgeTurn(InstanceKey key)
    {
        if (LimitsOf(key) is not { CountsTokens: true } limits)
        {
            return QuotaVerdict.Free;
        }

        var token = (key.Challenge, key.Token);
        if (!_judged.TryGetValue(token, out var verdict))
        {
            verdict = TokenQuotas.Judge(limits, UseOf(key));
            if (verdict == QuotaVerdict.OldestGoes)
            {
                MakeWay(key, limits.InstancesPerToken!.Value);
                verdict = QuotaVerdict.Wait;
            }

            _judged.Add(token, verdict);
        }

        return verdict;
    }

    private TokenUse UseOf(InstanceKey key)
    {
        var (staying, going) = (0, 0);
        foreach (var other in _instances.OfToken(key.Challenge, key.Token))
        {
            if (_instances.TryGet(other, out var entry) && Holds(entry))
            {
                (staying, going) = IsGoing(entry) ? (staying, going + 1) : (staying + 1, going);
            }
        }

        return new TokenUse(staying, going, Queued: 0, _life.Quotas.RecentStarts(key.Challenge, key.Token, _scope.Time.Uptime()));
    }

    private bool Holds(InstanceEntry entry) => entry.IsStarting || entry.IsTaking || _rooms.IsTaken(entry.Info.Key);

    private static bool IsGoing(InstanceEntry entry) => entry.Info.State == InstanceState.Stopping;

    /// <summary>
    /// Stops so many of a token's instances, the oldest first, that there is a place for one when they have gone. One that starts has clients who wait for it, and is let finish: when it
    /// has, this is asked again. One that has been told, and has not said yet that it goes, is the oldest still, and is told twice.
    /// </summary>
    private void MakeWay(InstanceKey key, int most)
    {
        var staying = _instances.OfToken(key.Challenge, key.Token)
            .Select(other => _instances.TryGet(other, out var entry) && Holds(entry) && !IsGoing(entry) ? entry : null)
            .OfType<InstanceEntry>()
            .ToList();
        var oldest = staying
            .Where(entry => entry.Info.State is InstanceState.Ready or InstanceState.Idle)
            .OrderBy(entry => entry.Info.CreatedAt)
            .Take(staying.Count - most + 1);
        foreach (var entry in oldest.ToList())
        {
            _instances.Update(entry, entry.Info with { State = InstanceState.Stopping });
            entry.Actor.Tell(new InstanceMessage.Stop(StopCause.TokenFull));
        }
    }

    /// <summary>Denies a start that its token may not have; false if it may, be it later.</summary>
    private bool IsDenied(InstanceEntry entry, QuotaVerdict verdict)
    {
        var reason = verdict switch
        {
            QuotaVerdict.TooManyInstances => "its token has as many instances as it may have",
            QuotaVerdict.TooManyStarts => "its token has had as many starts within a minute as it may have",
            _ => null,
        };
        if (reason is null)
        {
            return false;
        }

        _scope.Metrics.QuotaDenied(entry.Info.Key.Challenge, verdict == QuotaVerdict.TooManyStarts ? Quota.StartsPerMinute : Quota.InstancesPerToken);
        entry.Actor.Tell(new InstanceMessage.StartRefused(reason));
        return true;
    }
}
