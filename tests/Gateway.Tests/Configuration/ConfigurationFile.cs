using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Tests.Configuration;

/// <summary>A configuration file in a directory of its own.</summary>
internal sealed class ConfigurationFile : IDisposable
{
    public const long HostMemory = 10L << 30;

    /// <summary>Stands for the file's own directory, in which there is a file <c>secret</c>.</summary>
    public const string Directory = "DIRECTORY";

    /// <summary>The options of a cluster without which there is none.</summary>
    public const string Cluster = """ "etcd": ["http://10.0.0.9:2379"], "advertise": "10.0.0.1:7946", "secretFile": "DIRECTORY/secret" """;

    private readonly DirectoryInfo _directory = System.IO.Directory.CreateTempSubdirectory("instancer-test-");

    public ConfigurationFile(string json)
    {
        Path = System.IO.Path.Combine(_directory.FullName, "test.conf");
        var secret = System.IO.Path.Combine(_directory.FullName, "secret");
        File.WriteAllText(secret, new string('s', 32));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        File.WriteAllText(Path, json.Replace(Directory, _directory.FullName, StringComparison.Ordinal));
    }

    public string Path { get; }

    public ConfigurationRequest Request => new()
    {
        File = Path,
        WorkingDirectory = _directory.FullName,
        Environment = new Dictionary<string, string>(),
        HostMemory = HostMemory,
    };

    public static ConfigurationOutcome Read(string json, Func<ConfigurationRequest, ConfigurationRequest>? change = null)
    {
        using var file = new ConfigurationFile(json);
        return ConfigurationReader.Read((change ?? (request => request))(file.Request));
    }

    /// <summary>The configuration of one sample challenge with further options beside it.</summary>
    public static NodeConfiguration Loaded(string json, Func<ConfigurationRequest, ConfigurationRequest>? change = null) =>
        Assert.IsType<ConfigurationOutcome.Loaded>(Read(json, change)).Configuration;

    public static IReadOnlyList<string> Errors(string json, Func<ConfigurationRequest, ConfigurationRequest>? change = null) =>
        Assert.IsType<ConfigurationOutcome.Invalid>(Read(json, change)).Errors;

    /// <summary>A whole file out of the options of the section <c>instancer</c>, with a valid challenge beside them.</summary>
    public static string WithSample(string options) =>
        $$"""{ "instancer": { {{options}} "challenges": { "sample": { {{Process}} } } } }""";

    /// <summary>A whole file with a cluster of the given options.</summary>
    public static string WithCluster(string options) => WithSample($$"""  "node": "n", "cluster": { {{options}} }, """);

    /// <summary>A whole file with one challenge of the given options.</summary>
    public static string WithChallenge(string options) => $$"""{ "instancer": { "challenges": { "pwn": { {{options}} } } } }""";

    public const string Process = """ "port": 12345, "runtime": "process", "command": ["server", "{port}"] """;

    public const string Docker = """ "port": 12346, "runtime": "docker", "image": "instancer/sample", "containerPort": 1337 """;

    /// <summary>The documented example of a cluster.</summary>
    public static string ClusterExample() => File.ReadAllText(System.IO.Path.Combine(RepositoryRoot.Path, "hocon", "cluster.conf"));

    /// <summary>The documented example, with the container challenge that it has in comments.</summary>
    public static string WholeExample()
    {
        var lines = File.ReadAllLines(System.IO.Path.Combine(RepositoryRoot.Path, ConfigurationSources.DefaultFile));
        var start = Array.FindIndex(lines, line => line.Contains("// \"pwn\"", StringComparison.Ordinal));
        return string.Join('\n', lines.Select((line, i) => i < start ? line : line.Replace("      // ", "", StringComparison.Ordinal)));
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
