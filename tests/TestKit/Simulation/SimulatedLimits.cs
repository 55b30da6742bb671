using Instancer.Actors;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation;

/// <summary>What clients may take, as the seed has it: now this, now that. It remembers what it was, for what was granted under it.</summary>
internal sealed class SimulatedLimits(SimulationState state) : IChallengeLimits
{
    /// <summary>How long before its session starts a client may have been let in.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(40);

    private readonly Dictionary<string, List<(TimeSpan From, ChallengeLimits Limits)>> _history = [];

    /// <summary>The longest <see cref="ChallengeLimits.OpeningAllowance"/> there is.</summary>
    public static TimeSpan MostAllowance { get; } = TimeSpan.FromSeconds(20);

    public ChallengeLimits Of(string challenge)
    {
        var limits = Truth(challenge);
        return limits with
        {
            InstancesPerToken = limits.InstancesPerToken + (state.Bugs.HasFlag(PlantedBugs.OneInstanceTooMany) ? 1 : 0),
            StartsPerMinute = limits.StartsPerMinute + (state.Bugs.HasFlag(PlantedBugs.OneStartTooMany) ? 1 : 0),
            SessionsPerInstance = limits.SessionsPerInstance + (state.Bugs.HasFlag(PlantedBugs.OneSessionTooMany) ? 1 : 0),
        };
    }

    /// <summary>What is really said.</summary>
    public ChallengeLimits Truth(string challenge) => _history.TryGetValue(challenge, out var history) ? history[^1].Limits : ChallengeLimits.None;

    /// <summary>Says something else from now on.</summary>
    public void Change(string challenge)
    {
        var random = state.Random;
        var limits = new ChallengeLimits
        {
            StartsPerMinute = random.Pick<int?>(null, null, 1, 3, 6),
            InstancesPerToken = random.Pick<int?>(null, 1, 2),
            WhenTokenFull = random.Pick(TokenFullAction.Refuse, TokenFullAction.OldestGoes),
            SessionsPerInstance = random.Pick<int?>(null, null, 1, 2),
            SessionLength = random.Chance(0.3) ? random.Seconds(2, 60) : null,
            OpeningAllowance = random.Chance(0.3) ? random.Seconds(1, (int)MostAllowance.TotalSeconds) : TimeSpan.Zero,
        };
        state.Say($"{challenge} has {limits}");
        if (!_history.TryGetValue(challenge, out var history))
        {
            // Said before anything has happened, it never was otherwise.
            _history.Add(challenge, history = state.Time.Uptime() == TimeSpan.Zero ? [] : [(TimeSpan.MinValue, ChallengeLimits.None)]);
        }

        history.Add((state.Time.Uptime(), limits));
    }

    /// <summary>The most that a limit was at some moment of the time up to now; null if there was none at some moment.</summary>
    public int? Most(string challenge, Func<ChallengeLimits, int?> limit, TimeSpan window)
    {
        if (!_history.TryGetValue(challenge, out var history))
        {
            return null;
        }

        int? most = 0;
        var since = state.Time.Uptime() - window;
        for (var i = history.Count - 1; i >= 0; i--)
        {
            most = limit(history[i].Limits) is { } there && most is { } before ? Math.Max(there, before) : null;
            if (history[i].From < since)
            {
                break;
            }
        }

        return most;
    }
}
