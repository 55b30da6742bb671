namespace Instancer.Containers.Docker;

/// <summary>What a look at the engine found.</summary>
public abstract record DockerProbe
{
    /// <summary>It answers.</summary>
    /// <param name="Endpoint">Where it is.</param>
    /// <param name="EngineVersion">Its version, as 20.10.24.</param>
    /// <param name="ApiVersion">The API version spoken with it, as 1.41.</param>
    /// <param name="Auto">What <see cref="DockerAddress.Auto"/> means here.</param>
    /// <param name="Reason">Why it means that, in one line.</param>
    public sealed record Usable(string Endpoint, string EngineVersion, string ApiVersion, DockerAddress Auto, string Reason) : DockerProbe
    {
        /// <summary>
        /// The container runtimes that it is configured with, in order; it may take others by their full names. Empty if it does not say.
        /// </summary>
        public IReadOnlyList<string> ContainerRuntimes { get; init; } = [];
    }

    /// <summary>It does not, or is too old.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Unusable(string Reason) : DockerProbe;
}
