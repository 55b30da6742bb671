namespace Instancer.Actors.Runtime;

/// <summary>What becomes of a child that failed.</summary>
public enum Directive
{
    /// <summary>A new incarnation takes its place, with the same mailbox and the same children.</summary>
    Restart,

    /// <summary>It is stopped.</summary>
    Stop,

    /// <summary>It is stopped, and the parent fails in its turn.</summary>
    Escalate,
}

/// <summary>A parent's decision on the failures of a child, made when the child is spawned.</summary>
public sealed record SupervisionStrategy
{
    /// <summary>Restarts at most 10 times in a minute, after 10 ms doubling to 5 s; then escalates.</summary>
    public static SupervisionStrategy Default { get; } = new();

    /// <summary>Stops at the first failure.</summary>
    public static SupervisionStrategy Stopping { get; } = new() { Directive = Directive.Stop };

    /// <summary>What happens at a failure. Default: <see cref="Directive.Restart"/>.</summary>
    public Directive Directive { get; init; } = Directive.Restart;

    /// <summary>How many restarts there may be within <see cref="Window"/>; the next failure is escalated. Default: 10.</summary>
    public int MaxRestarts { get; init; } = 10;

    /// <summary>The time in which restarts are counted. Default: 1 minute.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The wait before the first restart in a window; each further one waits twice as long. Default: 10 ms.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest wait before a restart. Default: 5 seconds.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromSeconds(5);

    internal TimeSpan BackoffAfter(int restarts)
    {
        var factor = Math.Pow(2, Math.Min(restarts, 30));
        return TimeSpan.FromTicks((long)Math.Min(FirstBackoff.Ticks * factor, LongestBackoff.Ticks));
    }
}
