namespace Instancer.Containers.Docker;

/// <summary>The network of a container: one of its own, or the one of another container, which it shares as processes of one machine do.</summary>
/// <param name="Mode">The engine's word for it.</param>
/// <param name="Names">What means the container itself, the network's loopback, to all who share it.</param>
internal sealed record ContainerNetwork(string Mode, IReadOnlyList<string> Names)
{
    /// <summary>How the engine's word for another container's network begins.</summary>
    public const string OfContainer = "container:";

    /// <summary>The network of the container <paramref name="id"/>, which has to run when the one that joins is started. Names are in its file, which is shared too.</summary>
    public static ContainerNetwork Joined(string id) => new(OfContainer + id, []);

    public bool IsJoined => Mode.StartsWith(OfContainer, StringComparison.Ordinal);
}
