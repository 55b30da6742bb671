using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;

namespace Instancer.EndToEnd.Deploy;

/// <summary>A node in a container that has the engine's socket and nothing else, on a network of its own.</summary>
internal sealed class GatewayInContainer(NodeHome home, EngineApi engine, string image, string hocon, string socket, PortBlock ports)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>The container's name, and its network's.</summary>
    public string Name => home.Name + "-gateway";

    /// <summary>Makes the network, and the container.</summary>
    public async Task StartAsync()
    {
        await DockerAsync("network", "create", Name);
        await RunAsync();
    }

    /// <summary>Makes another container in the first one's place, as docker-compose does when its configuration has changed.</summary>
    public async Task RecreateAsync()
    {
        await engine.RemoveAsync(Name);
        await RunAsync();
    }

    public Task RestartAsync() => DockerAsync("restart", "--time", "5", Name);

    /// <summary>Runs the command in the container; what it printed.</summary>
    public Task<List<string>> InstancerAsync(params string[] words) => DockerAsync(["exec", Name, "instancer", .. words]);

    public async Task RemoveAsync()
    {
        await engine.RemoveAsync(Name);
        await engine.SendAsync(HttpMethod.Delete, "networks/" + Name, absentIsFine: true);
    }

    private Task<List<string>> RunAsync()
    {
        var published = $"127.0.0.1:{ports.First}-{ports.Last}:{ports.First}-{ports.Last}";
        return DockerAsync(
            "run", "--detach", "--name", Name, "--network", Name, "--publish", published,
            "--volume", socket + ":/var/run/docker.sock", "--volume", hocon + ":/instancer/hocon:ro",
            "--volume", Path.Combine(home.Directory, "var") + ":/instancer/var", "--env", "INSTANCER__GATEWAY__LISTEN=0.0.0.0", image);
    }

    private Task<List<string>> DockerAsync(params string[] words) => home.SucceedsAsync(Patience, LocalBaseImage.Docker, words);
}
