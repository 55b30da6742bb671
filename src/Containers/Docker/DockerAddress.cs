namespace Instancer.Containers.Docker;

/// <summary>How a session reaches a container.</summary>
public enum DockerAddress
{
    /// <summary>The best of the others that works on this machine; the log says which.</summary>
    Auto,

    /// <summary>
    /// The container has no network at all but its own loopback (unless it has <see cref="DockerTemplate.Egress"/>), and the gateway dials from inside its network namespace. Needs Linux, a gateway
    /// that may enter network namespaces (root), and the engine on the gateway's own host; where it does not work, it is the best of the
    /// others, and the log says why. Takes no port.
    /// </summary>
    Namespace,

    /// <summary>
    /// The container's own IP on a network that Instancer makes, without a way out and without traffic between containers. Needs
    /// Linux, and the gateway in the engine's network namespace; in a container of the same engine it is <see cref="Joined"/>. Takes no port. A Linux bridge holds at most 1023 containers.
    /// </summary>
    Bridge,

    /// <summary>
    /// What <see cref="Bridge"/> means for a gateway in a container of the same engine: the container's own IP on a network that it has for itself, but for the
    /// gateway, whose container joins it. Not to be asked for. Takes no port, and a network for each container.
    /// </summary>
    Joined,

    /// <summary>A port of the node's pool, published on the engine's host. Works with Docker Desktop and remote engines.</summary>
    Published,
}
