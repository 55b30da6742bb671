using System.Security.Cryptography;
using System.Text.Json;

namespace Instancer.Bench.Net;

/// <summary>The whole product: <c>instancer serve</c>, with backends like the others' as its instances.</summary>
internal sealed class NodeContender : ConfiguredContender
{
    public override string Name => "instancer";

    public override byte[] Preamble => [.. LoadClient.PreambleToken, 0, 1];

    // Its children are the instances, which the others do not have as theirs.
    public override long ResidentBytes() => Child?.ResidentBytesAlone() ?? 0;

    public override Contender Start(int work, int hold)
    {
        var started = base.Start(work, hold);
        LoadClient.RoundTrips(started, 1, TimeSpan.FromMilliseconds(100));
        LoadClient.Idle(started, 1).ForEach(session => session.Dispose());
        return started;
    }

    protected override ChildProcess Run(string config)
        => ChildProcess.Start(Path.Combine(AppContext.BaseDirectory, "instancer"), "serve", "--config", config);

    protected override string Config(string directory, int work, int hold)
    {
        File.WriteAllText(
            Path.Combine(directory, "tokens"), $"bench sha256:{Convert.ToHexStringLower(SHA256.HashData(LoadClient.PreambleToken))}\n");
        return $$"""
            {
              "instancer": {
                "stateDirectory": {{Quote(directory)}},
                "tokensFile": {{Quote(Path.Combine(directory, "tokens"))}},
                "admin": null,
                "gateway": { "maxConnections": 9000 },
                "challenges": {
                  "work": {{Challenge(Work, "--work")}},
                  "hold": {{Challenge(Hold, "--hold")}}
                }
              }
            }
            """;
    }

    private static string Challenge(int port, string option)
        => $$"""{ "port": {{port}}, "runtime": "process", "command": [{{Quote(Environment.ProcessPath!)}}, "net-backend", "{{option}}", "{port}"] }""";

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
