using System.Diagnostics.CodeAnalysis;
using System.Net;
using Instancer.Actors;

namespace Instancer.Gateway.Configuration;

/// <summary>How reading the configuration ended.</summary>
internal abstract record ConfigurationOutcome
{
    /// <summary>Everything is valid.</summary>
    public sealed record Loaded(NodeConfiguration Configuration) : ConfigurationOutcome;

    /// <summary>Something is not: one line for each error.</summary>
    public sealed record Invalid(IReadOnlyList<string> Errors) : ConfigurationOutcome;

    /// <summary>The configuration, or else the errors.</summary>
    public bool TryGet([NotNullWhen(true)] out NodeConfiguration? configuration, [NotNullWhen(false)] out IReadOnlyList<string>? errors)
    {
        configuration = (this as Loaded)?.Configuration;
        errors = (this as Invalid)?.Errors;
        return configuration is not null;
    }
}

/// <summary>A valid configuration.</summary>
/// <param name="Node">What the actors need to know.</param>
/// <param name="Settings">What only the executable needs to know.</param>
/// <param name="Source">Where it came from, for people: a file's path, or that it is the embedded default.</param>
/// <param name="IsDefault">Whether nobody named a file.</param>
internal sealed record NodeConfiguration(NodeOptions Node, OperatorSettings Settings, string Source, bool IsDefault)
{
    /// <summary>What stands between strangers and the instances; the part that can change while the node runs.</summary>
    public required GateSettings Gate { get; init; }

    /// <summary>The challenges that speak TLS, by their names.</summary>
    public required IReadOnlyDictionary<string, TlsSettings> Tls { get; init; }

    /// <summary>Whether there was no file.</summary>
    public bool IsEmbedded => Source == ConfigurationSources.EmbeddedSource;

    /// <summary>Every option as it was written, by its path: what two configurations differ in.</summary>
    public required IReadOnlyDictionary<string, string?> Written { get; init; }
}

/// <summary>The options that concern the executable rather than the actors.</summary>
internal sealed record OperatorSettings
{
    /// <summary>The directory of what the node writes: the admin token, the development token. Default: <c>var</c>.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The file of accepted tokens. Default: <c>tokens</c> in the state directory.</summary>
    public required string TokensFile { get; init; }

    /// <summary>The admin endpoint; null for none.</summary>
    public required AdminSettings? Admin { get; init; }

    /// <summary>The node's part in a cluster; null, the default, for a node that is alone.</summary>
    public ClusterSettings? Cluster { get; init; }
}

/// <summary>The options of the admin endpoint.</summary>
/// <param name="Listen">The address to bind. Default: <c>127.0.0.1</c>.</param>
/// <param name="Port">The port, 0 for one of the system's choice. Default: 9090.</param>
/// <param name="TokenFile">The file of the bearer token, made if it is missing. Default: <c>admin-token</c> in the state directory.</param>
internal sealed record AdminSettings(IPAddress Listen, int Port, string TokenFile);
