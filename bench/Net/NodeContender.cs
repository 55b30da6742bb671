using System.Security.Cryptography;
using System.Text.Json;

namespace Instancer.Bench.Net;

/// <summary>The whole product: <c>instancer serve</c>, with backends like the others' as its instances.</summary>
internal class NodeContender : ConfiguredContender
{
    public override string Name => "instancer";

    public override byte[] Preamble => [.. LoadClient.PreambleToken, 0, 1];

    // Its children are the instances, which the others do not have as theirs.
    public override long ResidentBytes() => Child?.ResidentBytesAlone() ?? 0;

    protected virtual string NodeName => "bench";

    /// <summary>The admin section, as JSON.</summary>
    protected virtual string Admin => "null";

    /// <summary>The section of a cluster, as JSON.</summary>
    /// <param name="directory">The node's own.</param>
    protected virtual string Cluster(string directory) => "null";

    /// <summary>How many connections each challenge serves at once.</summary>
    protected virtual int MaxConnections => 9000;

    protected virtual string Executable => Path.Combine(AppContext.BaseDirectory, "instancer");

    public override TimeSpan CpuTime() => Child?.CpuTimeAlone() ?? TimeSpan.Zero;

    public override Contender Start(int work, int hold)
    {
        var started = StartBare(work, hold);
        LoadClient.RoundTrips(started, 1, TimeSpan.FromMilliseconds(100));
        LoadClient.Idle(started, 1).ForEach(session => session.Dispose());
        return started;
    }

    /// <summary>Starts it and no instance.</summary>
    protected Contender StartBare(int work, int hold) => base.Start(work, hold);

    protected override ChildProcess Run(string config) => ChildProcess.Start(Executable, "serve", "--config", config);

    protected virtual string Challenges() => $$"""
        "work": {{Challenge(Work, "--work")}},
        "hold": {{Challenge(Hold, "--hold")}}
        """;

    protected override string Config(string directory, int work, int hold)
    {
        File.WriteAllText(
            Path.Combine(directory, "tokens"), $"bench sha256:{Convert.ToHexStringLower(SHA256.HashData(LoadClient.PreambleToken))}\n");
        return $$"""
            {
              "instancer": {
                "node": "{{NodeName}}",
                "stateDirectory": {{Quote(directory)}},
                "tokensFile": {{Quote(Path.Combine(directory, "tokens"))}},
                "admin": {{Admin}},
                "cluster": {{Cluster(directory)}},
                "gateway": { "maxConnections": {{MaxConnections}} },
                "challenges": { {{Challenges()}} }
              }
            }
            """;
    }

    protected static string Challenge(int port, string option)
        => $$"""{ "port": {{port}}, "runtime": "process", "command": [{{Quote(Environment.ProcessPath!)}}, "net-backend", "{{option}}", "{port}"] }""";

    protected static string Quote(string text) => JsonSerializer.Serialize(text);
}
