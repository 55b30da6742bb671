using System.Net;
using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Work;

/// <summary>
/// How hard the proof of work of one challenge is for whom: harder for an address block with many starts and failed preambles within a minute, until it has been calm for a while.
/// In bounded memory: at most 16,384 blocks are told apart, of about 300 bytes each, so 5 MB at worst; who comes while all of them have counted something within the last minute shares one place
/// with everybody else who does. Thread-safe.
/// </summary>
/// <param name="options">What is asked when; may change while running.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told when an attack begins and ends.</param>
/// <param name="most">How many blocks are told apart.</param>
internal sealed class AttackMeter(Func<WorkOptions> options, TimeProvider time, ILogger logger, int most = AttackMeter.Most)
{
    private const int Most = 16_384;
    private static readonly IPNetwork Everybody = new(IPAddress.IPv6Any, 0);
    private readonly Lock _lock = new();
    private readonly Dictionary<IPNetwork, BlockMeter> _blocks = [];
    private readonly BlockMeter _rest = new();
    private readonly long _start = time.GetTimestamp();
    private long _swept;

    /// <summary>How many blocks it knows.</summary>
    public int Blocks
    {
        get
        {
            lock (_lock)
            {
                return _blocks.Count;
            }
        }
    }

    /// <summary>Counts a start or a failed preamble.</summary>
    public void Count(IPNetwork block)
    {
        var current = options();
        if (current.UnderAttack <= current.Difficulty)
        {
            return;
        }

        lock (_lock)
        {
            var now = Now();
            Sweep(now, current);
            if (!_blocks.TryGetValue(block, out var meter) && _blocks.Count < most)
            {
                _blocks.Add(block, meter = new BlockMeter());
            }

            Look(meter is null ? Everybody : block, meter ?? _rest, now, current, counted: 1);
        }
    }

    /// <summary>How many roots a client of the block has to take; 0 for none.</summary>
    public int Difficulty(IPNetwork block)
    {
        var current = options();
        if (current.UnderAttack <= current.Difficulty)
        {
            return current.Difficulty;
        }

        lock (_lock)
        {
            var meter = _blocks.GetValueOrDefault(block);
            if (meter is null && _blocks.Count < most)
            {
                return current.Difficulty;
            }

            var isAttack = Look(meter is null ? Everybody : block, meter ?? _rest, Now(), current, counted: 0);
            return isAttack ? current.UnderAttack : current.Difficulty;
        }
    }

    private TimeSpan Now() => time.GetElapsedTime(_start);

    private bool Look(IPNetwork block, BlockMeter meter, TimeSpan now, WorkOptions current, int counted)
    {
        var was = meter.IsAttack;
        meter.Advance(now, current);
        if (was && !meter.IsAttack)
        {
            WorkLog.IsCalm(logger, block, current.Difficulty);
        }

        if (counted > 0 && meter.Count(current))
        {
            WorkLog.Attacks(logger, block, meter.Recent, current.UnderAttack);
        }

        return meter.IsAttack;
    }

    // Once in every step of the blocks' minute: else nothing can have changed.
    private void Sweep(TimeSpan now, WorkOptions current)
    {
        var step = BlockMeter.StepOf(now);
        if (step == _swept)
        {
            return;
        }

        _swept = step;
        foreach (var (block, meter) in _blocks)
        {
            if (!Look(block, meter, now, current, counted: 0) && meter.Recent == 0)
            {
                // Removing what is being looked at is allowed.
                _blocks.Remove(block);
            }
        }
    }
}
