using System.Runtime.CompilerServices;
using Instancer.Gate.Options;

namespace Instancer.Gate.Work;

/// <summary>
/// Counts what an address block does, in steps of five seconds: something counts for a minute, and for the rest of the step in which the minute ends. An attack begins as soon as the count reaches
/// one bound, and ends when it has stayed below another for some time. Whoever uses it says how late it is, never less than before.
/// </summary>
internal sealed class BlockMeter
{
    private const int Steps = 13;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);
    private Counts _counts;
    private long _step;
    private TimeSpan? _calmSince;

    /// <summary>How much was counted within the last minute.</summary>
    public int Recent { get; private set; }

    /// <summary>Whether the block attacks.</summary>
    public bool IsAttack { get; private set; }

    /// <summary>The step that a moment belongs to.</summary>
    public static long StepOf(TimeSpan now) => now.Ticks / Step.Ticks;

    /// <summary>Forgets what is over a minute old, and ends the attack if it is time.</summary>
    public void Advance(TimeSpan now, WorkOptions options)
    {
        // After so many steps all is forgotten: more would change nothing but the moment of it.
        for (var last = StepOf(now); _step < last;)
        {
            _step = Recent == 0 ? last : _step + 1;
            ref var oldest = ref _counts[(int)(_step % Steps)];
            Recent -= oldest;
            oldest = 0;
            SeeWhetherCalm(_step * Step, options);
        }

        SeeWhetherCalm(now, options);
        IsAttack &= _calmSince is not { } since || now - since < options.CalmAfter;
    }

    /// <summary>Counts one more, now; whether it makes the block an attacker.</summary>
    public bool Count(WorkOptions options)
    {
        _counts[(int)(_step % Steps)]++;
        Recent++;
        if (Recent >= options.CalmAt)
        {
            _calmSince = null;
        }

        var was = IsAttack;
        IsAttack |= Recent >= options.AttackAt;
        return IsAttack && !was;
    }

    private void SeeWhetherCalm(TimeSpan at, WorkOptions options) => _calmSince = Recent < options.CalmAt ? _calmSince ?? at : null;

    [InlineArray(Steps)]
    private struct Counts
    {
        private int _first;
    }
}
