namespace Instancer.Actors.Registry;

/// <summary>
/// What one token may take: whether it may have another instance, and when its last starts were. What is kept is one small entry for each start of the last minute, whoever's, so
/// that a token that is calm is forgotten.
/// </summary>
internal sealed class TokenQuotas
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<Begun> _begun = new();
    private readonly Dictionary<(string Challenge, TokenHash Token), int> _counts = [];

    /// <summary>How many tokens are remembered.</summary>
    public int Count => _counts.Count;

    /// <summary>Whether a token may have one instance more.</summary>
    public static QuotaVerdict Judge(ChallengeLimits limits, TokenUse use)
    {
        if (use.RecentStarts + use.Queued >= limits.StartsPerMinute)
        {
            return QuotaVerdict.TooManyStarts;
        }

        if (limits.InstancesPerToken is not { } most || use.Staying + use.Going + use.Queued < most)
        {
            return QuotaVerdict.Free;
        }

        return limits.WhenTokenFull == TokenFullAction.OldestGoes
            ? use.Staying >= most ? QuotaVerdict.OldestGoes : QuotaVerdict.Wait
            : use.Staying + use.Queued >= most ? QuotaVerdict.TooManyInstances : QuotaVerdict.Wait;
    }

    /// <summary>How many starts of a token began within the last minute.</summary>
    public int RecentStarts(string challenge, TokenHash token, TimeSpan now)
    {
        while (_begun.TryPeek(out var oldest) && now - oldest.At >= Window)
        {
            _begun.Dequeue();
            if (oldest.Counts)
            {
                Uncount(oldest.Key);
            }
        }

        return _counts.GetValueOrDefault((challenge, token));
    }

    /// <summary>Notes that a start begins.</summary>
    public void NoteStart(InstanceKey key, TimeSpan now)
    {
        var count = RecentStarts(key.Challenge, key.Token, now);
        _counts[(key.Challenge, key.Token)] = count + 1;
        _begun.Enqueue(new Begun(key, now));
    }

    /// <summary>The key's latest start came to nothing before anything was started, through nobody's fault: it does not count. That is rare.</summary>
    public void Forgive(InstanceKey key)
    {
        if (_begun.LastOrDefault(begun => begun.Key == key && begun.Counts) is { } last)
        {
            last.Counts = false;
            Uncount(key);
        }
    }

    private void Uncount(InstanceKey key)
    {
        var token = (key.Challenge, key.Token);
        if (--_counts[token] == 0)
        {
            _counts.Remove(token);
        }
    }

    private sealed class Begun(InstanceKey key, TimeSpan at)
    {
        public InstanceKey Key => key;

        public TimeSpan At => at;

        public bool Counts { get; set; } = true;
    }
}

/// <summary>What a token has of a challenge at one moment, beside the start that is asked for.</summary>
/// <param name="Staying">Instances that have a backend or get one.</param>
/// <param name="Going">Instances whose backend is being removed.</param>
/// <param name="Queued">Starts that wait.</param>
/// <param name="RecentStarts">Starts that began within the last minute.</param>
internal readonly record struct TokenUse(int Staying, int Going, int Queued, int RecentStarts);

/// <summary>Whether a token may have another instance.</summary>
internal enum QuotaVerdict
{
    /// <summary>It may.</summary>
    Free,

    /// <summary>It may when one that is on its way out has gone.</summary>
    Wait,

    /// <summary>It may when its oldest has gone, which is to be stopped.</summary>
    OldestGoes,

    /// <summary>It may not: it has <see cref="ChallengeLimits.InstancesPerToken"/>.</summary>
    TooManyInstances,

    /// <summary>It may not: it has had <see cref="ChallengeLimits.StartsPerMinute"/>.</summary>
    TooManyStarts,
}
