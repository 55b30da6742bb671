using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Instancer.Gateway.Configuration;

/// <summary>Lays the sources over each other: file (or the embedded default), then environment, then command line.</summary>
internal static class ConfigurationSources
{
    /// <summary>What environment variables begin with: <c>INSTANCER__GATEWAY__LISTEN</c> is <c>instancer.gateway.listen</c>.</summary>
    public const string EnvironmentPrefix = "INSTANCER__";

    /// <summary>The file that is used if nobody names one and it is there, relative to the working directory.</summary>
    public static readonly string DefaultFile = Path.Combine("hocon", "single-node.conf");

    /// <summary>What the configuration comes from where there is no file.</summary>
    public const string EmbeddedSource = "embedded default";

    private const string Root = "instancer";
    private const string EmbeddedName = "single-node.conf";

    /// <summary>The layers as one, or null and an error in one line.</summary>
    public static (IConfigurationRoot? Configuration, string Source, string? Error) Load(ConfigurationRequest request)
    {
        var (json, source, error) = ReadFile(request);
        if (json is null)
        {
            return (null, source, error);
        }

        var scan = JsonScan.Of(json, source);
        if (scan.Error is not null)
        {
            return (null, source, scan.Error);
        }

        if (Overrides(request.Overrides, out var wrong) is not { } overrides)
        {
            return (null, source, $"--set {ConfigurationErrors.Show(wrong)}: not of the form PATH=VALUE, such as gateway.listen=0.0.0.0");
        }

        using var stream = new MemoryStream(json, writable: false);
        var configuration = new ConfigurationBuilder()
            .AddJsonStream(stream)
            .AddInMemoryCollection(WithoutSections(scan.Nulls))
            .AddInMemoryCollection(FromEnvironment(request.Environment))
            .AddInMemoryCollection(overrides)
            .Build();
        return (configuration, source, null);
    }

    /// <summary>The text of the embedded default.</summary>
    public static byte[] ReadEmbedded()
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(EmbeddedName)!;
        var json = new byte[resource.Length];
        resource.ReadExactly(json);
        return json;
    }

    private static (byte[]? Json, string Source, string? Error) ReadFile(ConfigurationRequest request)
    {
        var file = request.File;
        if (file is null && !File.Exists(Path.Combine(request.WorkingDirectory, DefaultFile)))
        {
            return (ReadEmbedded(), EmbeddedSource, null);
        }

        file ??= DefaultFile;
        try
        {
            return (File.ReadAllBytes(Path.Combine(request.WorkingDirectory, file)), file, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, file, $"{file}: cannot be read: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    // A section that is null means "none"; the provider would make it an empty section, which means "all defaults". Only the admin
    // endpoint and the cluster can be done without.
    private static IEnumerable<KeyValuePair<string, string?>> WithoutSections(IReadOnlyList<string> nulls) =>
        new[] { ("admin", "admin:port"), ("cluster", "cluster") }
            .Where(section => nulls.Contains($"{Root}:{section.Item1}", StringComparer.OrdinalIgnoreCase))
            .Select(section => new KeyValuePair<string, string?>($"{Root}:{section.Item2}", ""));

    private static Dictionary<string, string?> FromEnvironment(IReadOnlyDictionary<string, string> environment) => environment
        .Where(variable => variable.Key.StartsWith(EnvironmentPrefix, StringComparison.OrdinalIgnoreCase))
        .OrderBy(variable => variable.Key, StringComparer.Ordinal)
        .GroupBy(
            variable => PathOf(variable.Key[EnvironmentPrefix.Length..].Split("__")),
            StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => (string?)group.Last().Value, StringComparer.OrdinalIgnoreCase);

    // Variables are written in capitals, and names of challenges in small letters.
    private static string PathOf(string[] names) => ConfigurationPath.Combine(names switch
    {
        [var challenges, var name, .. var rest] when challenges.Equals("challenges", StringComparison.OrdinalIgnoreCase) =>
            [Root, challenges, name.ToLowerInvariant(), .. rest],
        _ => [Root, .. names],
    });

    private static Dictionary<string, string?>? Overrides(IReadOnlyList<string> overrides, out string wrong)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var text in overrides)
        {
            wrong = text;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
            {
                return null;
            }

            var path = text[..equals].Replace('.', ':');
            values[path.StartsWith($"{Root}:", StringComparison.OrdinalIgnoreCase) ? path : $"{Root}:{path}"] = text[(equals + 1)..];
        }

        wrong = "";
        return values;
    }
}
