using System.Net;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>What the docker runtime needs to know of the node and of the engine.</summary>
public sealed record DockerRuntimeOptions
{
    /// <summary>The node's name: part of the label, the network's name and every container's name. Two nodes on one engine need two.</summary>
    public required string Node { get; init; }

    /// <summary>
    /// Where the engine is: <c>unix:///PATH</c>, <c>tcp://HOST:PORT</c> or <c>npipe:////./pipe/NAME</c>. Default: null, which is
    /// <c>unix:///var/run/docker.sock</c>, on Windows <c>npipe:////./pipe/docker_engine</c>.
    /// </summary>
    public string? Host { get; init; }

    /// <summary>Whether a <c>tcp://</c> engine is spoken to over TLS, its certificate checked. Default: false.</summary>
    public bool TlsVerify { get; init; }

    /// <summary>The directory with <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c> for TLS; null for the system's trust and no client certificate. Default: null.</summary>
    public string? CertificatePath { get; init; }

    /// <summary>
    /// Why the gateway cannot dial from inside a container's network namespace, in one line; null if it can. Default: that it
    /// dials from its own network only. Said to be possible where it is not, no client reaches its instance.
    /// </summary>
    public string? NamespaceObstacle { get; init; } = "the gateway dials from its own network only";

    /// <summary>
    /// The id of the container that the gateway runs in, for the engine to confirm; null for none. Default: null. One that the engine does not know
    /// counts as none.
    /// </summary>
    public string? GatewayContainer { get; init; }

    /// <summary>
    /// The address of the engine's host that ports are published on and dialled at. Default: 127.0.0.1. For an engine on another
    /// host it has to be an address of that host which the gateway reaches; whoever else reaches it, reaches the instances.
    /// </summary>
    public IPAddress PublishAddress { get; init; } = IPAddress.Loopback;

    /// <summary>The options that the variables <c>DOCKER_HOST</c>, <c>DOCKER_TLS_VERIFY</c> and <c>DOCKER_CERT_PATH</c> ask for, as the docker command reads them.</summary>
    public static DockerRuntimeOptions FromEnvironment(string node)
    {
        static string? Variable(string name) =>
            Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

        return new DockerRuntimeOptions
        {
            Node = node,
            Host = Variable("DOCKER_HOST"),
            TlsVerify = Variable("DOCKER_TLS_VERIFY") is not null,
            GatewayContainer = OwnContainer.Id(),
            CertificatePath = Variable("DOCKER_CERT_PATH"),
        };
    }
}
