using Instancer.Actors;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation;

/// <summary>Counts what each token has in another way than the node does: by what it asks of its runtime, and by what is in the engine.</summary>
internal sealed class TokenOracle(FakeEngine engine, SimulationState state, TimeProvider clock)
{
    private readonly HashSet<InstanceKey> _underWay = [];
    private readonly List<(InstanceKey Key, TimeSpan At)> _starts = [];

    /// <summary>A start, or the taking of a spare, is asked for.</summary>
    public void Begin(InstanceKey key)
    {
        if (!state.TokenChallenges.Contains(key.Challenge))
        {
            return;
        }

        // A limit that is changed counts from the next moment on: what was granted this moment was granted under the one or the other.
        var instances = engine.Backends.Where(IsReachable).Select(backend => backend.Key).Concat(_underWay).Where(other => IsOthers(other, key)).Distinct().Count();
        var most = state.Limits.Most(key.Challenge, limits => limits.InstancesPerToken, TimeSpan.Zero);
        state.Check(11, most is null || instances < most, () => $"{key.ToShortString()} is started, and its token has {instances} of {most} instances");
        _underWay.Add(key);

        var now = clock.Uptime();
        _starts.RemoveAll(start => now - start.At >= TimeSpan.FromMinutes(1));
        if (state.Limits.Most(key.Challenge, limits => limits.StartsPerMinute, TimeSpan.Zero) is { } starts)
        {
            _starts.Add((key, now));
            var recent = _starts.Count(start => start.Key.Challenge == key.Challenge && start.Key.Token == key.Token);
            state.Check(11, recent <= starts, () => $"{key.ToShortString()} is its token's start number {recent} within a minute, of {starts}");
        }
    }

    /// <summary>It has ended.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="counts">Whether it was a start: one that found its port taken was not.</param>
    public void End(InstanceKey key, bool counts)
    {
        _underWay.Remove(key);
        if (!counts && _starts.FindLastIndex(start => start.Key == key) is >= 0 and var last)
        {
            _starts.RemoveAt(last);
        }
    }

    private static bool IsReachable(FakeBackend backend)
        => backend is { IsKnown: true, IsAlive: true, IsUsable: true, IsCopy: false, IsSpare: false };

    private static bool IsOthers(InstanceKey other, InstanceKey key) => other.Challenge == key.Challenge && other.Token == key.Token && other != key;
}
