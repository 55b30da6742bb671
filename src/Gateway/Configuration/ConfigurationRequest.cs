namespace Instancer.Gateway.Configuration;

/// <summary>Where a configuration is to be looked for.</summary>
internal sealed record ConfigurationRequest
{
    /// <summary>The file that the command line names; null for the default.</summary>
    public string? File { get; init; }

    /// <summary>The command line's overrides, as <c>PATH=VALUE</c>; the last word on every option.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>The directory that the default file is looked for in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The environment's variables; those that begin with <c>INSTANCER__</c> count.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The host's memory in bytes, for sizes in per cent.</summary>
    public required long HostMemory { get; init; }
}
