using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>A node whose challenge is the tests' line server in a container, gone a second after its client.</summary>
/// <param name="executable">The gateway.</param>
/// <param name="host">The engine.</param>
/// <param name="node">The node's name.</param>
/// <param name="options">More options of the challenge, as JSON without the braces.</param>
internal sealed class DockerNode(string executable, string host, string node, string options) : NodeContender
{
    protected override string Executable => executable;

    protected override string NodeName => node;

    public override Contender Start(int work, int hold)
    {
        Environment.SetEnvironmentVariable("DOCKER_HOST", host);
        return StartBare(work, hold);
    }

    protected override string Challenges() => $$"""
        "work": {
          "port": {{Work}}, "runtime": "docker", "image": "{{TestImages.LineServer}}", "containerPort": {{TestImages.Port}},
          "idleTimeout": "00:00:01", {{options}}
        },
        "hold": { "port": {{Hold}}, "runtime": "docker", "image": "{{TestImages.LineServer}}", "containerPort": {{TestImages.Port}} }
        """;
}
