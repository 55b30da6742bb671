using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>A node with an admin endpoint: line servers in containers to work with, and a process that echoes to hold sessions with.</summary>
/// <param name="executable">The gateway.</param>
/// <param name="host">The engine.</param>
/// <param name="node">The node's name.</param>
/// <param name="options">More options of the containers' challenge, as JSON without the braces.</param>
internal sealed class WatchedNode(string executable, string host, string node, string options) : NodeContender
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private int _admin;

    protected override string Executable => executable;

    protected override string NodeName => node;

    protected override string Admin => $$"""{ "port": {{_admin}} }""";

    public WatchedNode Start()
    {
        Environment.SetEnvironmentVariable("DOCKER_HOST", host);
        _admin = FreePort();
        return (WatchedNode)StartBare(0, 0);
    }

    /// <summary>Kills it and starts it again.</summary>
    public void Restart() => RunAgain();

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var response = await _http.GetAsync(Uri("readyz"));
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The instances of one of the challenges.</summary>
    public async Task<List<JsonNode>> InstancesAsync(string challenge)
    {
        var all = (JsonArray)JsonNode.Parse(await _http.GetStringAsync(Uri("api/instances")))!;
        return [.. all.OfType<JsonNode>().Where(instance => ((string)instance["key"]!).StartsWith(challenge + "/", StringComparison.Ordinal))];
    }

    public async Task StopAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Uri($"api/instances/{key}/stop"));
        var token = await File.ReadAllTextAsync(Path.Combine(Place, "admin-token"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public override void Dispose()
    {
        base.Dispose();
        _http.Dispose();
    }

    protected override string Challenges() => $$"""
        "work": {
          "port": {{Work}}, "runtime": "docker", "image": "{{TestImages.LineServer}}", "containerPort": {{TestImages.Port}},
          "maxInstances": 1000, {{options}}
        },
        "hold": {{Challenge(Hold, "--work")}}
        """;

    private Uri Uri(string path) => new($"http://127.0.0.1:{_admin}/{path}");
}
