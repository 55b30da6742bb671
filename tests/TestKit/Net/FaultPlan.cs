namespace Instancer.TestKit.Net;

/// <summary>What a fault proxy does to one direction. Offsets count the direction's bytes from 0; null is never.</summary>
public sealed record FaultPlan
{
    /// <summary>No fault.</summary>
    public static FaultPlan None { get; } = new();

    /// <summary>Passes at most this many bytes with one send.</summary>
    public int? PieceSize { get; init; }

    /// <summary>Before this byte, waits until <see cref="StreamFaults.Resume"/>.</summary>
    public long? StallAt { get; init; }

    /// <summary>Before this byte, ends the sending side and passes nothing more.</summary>
    public long? EndAt { get; init; }

    /// <summary>Before this byte, resets both connections.</summary>
    public long? ResetAt { get; init; }

    /// <summary>How many bytes may be passed at <paramref name="offset"/> until something is to happen.</summary>
    internal int Until(long offset, int atMost)
    {
        var limit = (long)Math.Min(atMost, PieceSize ?? atMost);
        foreach (var at in (ReadOnlySpan<long?>)[StallAt, EndAt, ResetAt])
        {
            limit = at > offset ? Math.Min(limit, at.Value - offset) : limit;
        }

        return (int)limit;
    }
}
