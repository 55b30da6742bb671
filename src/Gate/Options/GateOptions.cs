using System.Net;

namespace Instancer.Gate.Options;

/// <summary>What stands in front of one challenge, validated. All of it is off by default.</summary>
internal sealed record GateOptions
{
    /// <summary>Nothing stands in front.</summary>
    public static GateOptions Open { get; } = new();

    /// <summary>The proof of work that is asked before the preamble.</summary>
    public WorkOptions Work { get; init; } = new();

    /// <summary>Which addresses may connect at all.</summary>
    public AddressOptions Addresses { get; init; } = new();

    /// <summary>How often an address and its block may connect.</summary>
    public RateOptions Rates { get; init; } = new();

    /// <summary>How the client says who it is, and what is said to it.</summary>
    public GreetingOptions Greeting { get; init; } = new();

    /// <summary>The blocks whose connections bring a header of the PROXY protocol, version 1 or 2; what comes from elsewhere brings none. Default: none.</summary>
    public IReadOnlyList<IPNetwork> ProxiesIn { get; init; } = [];
}

/// <summary>The options of the proof of work. A difficulty is a number of square roots to take, one after the other; each costs a client about 0.6 ms of one CPU, which no second CPU makes less, and its check 0.45 us: at 5000 a client takes 3 s, the check 2.3 ms.</summary>
internal sealed record WorkOptions
{
    /// <summary>What is asked of everybody; 0 for nothing. Default: 0.</summary>
    public int Difficulty { get; init; }

    /// <summary>What is asked of a block that attacks: at least <see cref="Difficulty"/>; 0 for never more than that. Default: 0.</summary>
    public int UnderAttack { get; init; }

    /// <summary>A block attacks from this many starts and failed preambles within a minute on. Default: 60.</summary>
    public int AttackAt { get; init; } = 60;

    /// <summary>It is calm again when it has stayed below this many within a minute for <see cref="CalmAfter"/>; at most <see cref="AttackAt"/>. Default: 20.</summary>
    public int CalmAt { get; init; } = 20;

    /// <summary>How long it has to stay below. Default: 1 minute.</summary>
    public TimeSpan CalmAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long the answer may take; then the client is closed. Default: 5 minutes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether anything may ever be asked.</summary>
    public bool IsOn => Difficulty > 0 || UnderAttack > 0;
}

/// <summary>Which addresses may connect. Mapped IPv4 addresses count as what they are mapped from.</summary>
internal sealed record AddressOptions
{
    /// <summary>Only these may connect; empty, with no <see cref="AllowFile"/>, for all. Default: empty.</summary>
    public IReadOnlyList<IPNetwork> Allow { get; init; } = [];

    /// <summary>These may not, whatever is allowed. Default: empty.</summary>
    public IReadOnlyList<IPNetwork> Deny { get; init; } = [];

    /// <summary>A file with more that may, a block or address a line, <c>#</c> comments; looked at every second. Default: null.</summary>
    public string? AllowFile { get; init; }

    /// <summary>A file with more that may not. Default: null.</summary>
    public string? DenyFile { get; init; }

    /// <summary>Whether anybody is turned away.</summary>
    public bool IsOn => Allow.Count > 0 || Deny.Count > 0 || AllowFile is not null || DenyFile is not null;
}

/// <summary>How often somebody may connect to a challenge.</summary>
internal sealed record RateOptions
{
    /// <summary>Each address by itself.</summary>
    public RateLimits PerAddress { get; init; } = new();

    /// <summary>Each block together.</summary>
    public RateLimits PerBlock { get; init; } = new();

    /// <summary>The length of an IPv4 block's prefix, 8 to 32. Default: 32.</summary>
    public int IPv4Prefix { get; init; } = 32;

    /// <summary>The length of an IPv6 block's prefix, 16 to 128. Default: 64.</summary>
    public int IPv6Prefix { get; init; } = 64;

    /// <summary>Whether anything is limited.</summary>
    public bool IsOn => PerAddress.IsOn || PerBlock.IsOn;
}

/// <summary>Limits of one address or block.</summary>
internal sealed record RateLimits
{
    /// <summary>Connections a second, in the long run; null for any number. Default: null.</summary>
    public int? PerSecond { get; init; }

    /// <summary>Connections at one moment after a calm; null for as many as <see cref="PerSecond"/>. Default: null.</summary>
    public int? Burst { get; init; }

    /// <summary>Connections open at once; null for any number. Default: null.</summary>
    public int? AtOnce { get; init; }

    /// <summary>Whether anything is limited.</summary>
    public bool IsOn => PerSecond is not null || AtOnce is not null;
}

/// <summary>How the client says who it is.</summary>
internal sealed record GreetingOptions
{
    /// <summary>The form of the preamble. Default: <see cref="PreambleForm.Binary"/>.</summary>
    public PreambleForm Form { get; init; } = PreambleForm.Binary;

    /// <summary>What the client is shown before it sends its line, as it is; null for nothing. Default: null.</summary>
    public string? Prompt { get; init; }

    /// <summary>Whether a client that waits or is denied is told so in a line. Default: false.</summary>
    public bool Refusals { get; init; }
}

/// <summary>The forms of a preamble.</summary>
internal enum PreambleForm
{
    /// <summary>130 bytes: the token, and the identifier, big-endian.</summary>
    Binary,

    /// <summary>A line: the token, and if wanted a space and the identifier in decimal digits.</summary>
    Line,
}
