using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Deploy;

/// <summary>The image that the Dockerfile makes, but for its base images; built once, when a test first asks for it, and gone with the tests.</summary>
public sealed class GatewayImage(DockerEngineFixture engine) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private string? _label;

    public string Name { get; } = "instancer-test/gateway-" + Guid.NewGuid().ToString("N")[..8];

    private string Base => Name + "-base";

    /// <summary>Builds it as docker-compose.yml says, unless it is there, and lets the home's own calls of docker-compose use it.</summary>
    internal async Task UseAsync(NodeHome home)
    {
        home.Environment["INSTANCER_IMAGE"] = Name;
        home.Environment["SDK_IMAGE"] = Base;
        home.Environment["RUNTIME_IMAGE"] = Base;
        home.Environment["RUNTIME_ID"] = LocalBaseImage.RuntimeId;
        // By the engine's own builder, whatever client is on the PATH.
        home.Environment["COMPOSE_DOCKER_CLI_BUILD"] = "0";
        home.Environment["DOCKER_BUILDKIT"] = "0";
        if (_label is null)
        {
            _label = home.Name;
            await LocalBaseImage.MakeAsync(home, Base);
            await ComposeAsync(home, "build");
        }
    }

    /// <summary>Runs docker-compose on the project's own file.</summary>
    internal static Task<List<string>> ComposeAsync(NodeHome home, params string[] words) =>
        home.SucceedsAsync(Patience, "docker-compose", Words(home, words));

    internal static string[] Words(NodeHome home, params string[] words) => Words("docker-compose.yml", home, words);

    /// <summary>The words that have docker-compose use a file of the project's.</summary>
    internal static string[] Words(string file, NodeHome home, string[] words) =>
        ["--file", Path.Combine(Repository.Root, file), "--project-name", home.Name, "--ansi", "never", .. words];

    public Task InitializeAsync() => Task.CompletedTask;

    // The builder leaves its stages behind as images without a name.
    public async Task DisposeAsync()
    {
        if (_label is null)
        {
            return;
        }

        foreach (var image in new[] { Name, Base })
        {
            await engine.Engine.SendAsync(HttpMethod.Delete, $"images/{image}?force=true", absentIsFine: true);
        }

        var filters = new JsonObject { ["dangling"] = new JsonArray("true"), ["label"] = new JsonArray($"{LocalBaseImage.Label}={_label}") };
        await engine.Engine.SendAsync(HttpMethod.Post, $"images/prune?filters={Uri.EscapeDataString(filters.ToJsonString())}");
    }
}
