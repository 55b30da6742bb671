namespace Instancer.Gate.Options;

/// <summary>When an address block is banned by itself, from all challenges of the node.</summary>
internal sealed record BanOptions
{
    /// <summary>How many failed preambles within <see cref="Window"/> it takes; null for never. Default: null.</summary>
    public int? Failures { get; init; }

    /// <summary>Within how long they count together. Default: 1 minute.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the first ban lasts; each further one twice as long as the one before. Default: 1 minute.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest a ban by itself lasts, and how long it is remembered that there was one. Default: 1 day.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromDays(1);
}
