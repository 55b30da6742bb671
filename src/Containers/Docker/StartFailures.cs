using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>What an engine's error means for a start.</summary>
internal static class StartFailures
{
    /// <param name="error">The engine's error.</param>
    /// <param name="template">What was to be started.</param>
    /// <param name="container">Which of its containers; null if it was none in particular.</param>
    public static StartOutcome.Failed Of(EngineError error, DockerTemplate template, ContainerTemplate? container = null)
    {
        if (error.IsUnreachable)
        {
            return new StartOutcome.Failed(StartFailure.Unavailable, error.Message);
        }

        if (error.IsNotFound && error.Mentions("no such image"))
        {
            return new StartOutcome.Failed(StartFailure.Rejected, $"image {OneLine.Of((container ?? template).Image)} is not on the engine");
        }

        // The last one is podman's.
        if (error.Mentions("no available IPv4 addresses") || error.Mentions("exchange full") || error.Mentions("failed to find free IP"))
        {
            return new StartOutcome.Failed(
                StartFailure.Rejected,
                $"the engine's network has no room for one more container; {WayAround(template)}: {error.Message}");
        }

        if (IsWithoutPools(error))
        {
            return new StartOutcome.Failed(
                StartFailure.Rejected,
                "the engine has no addresses left for one more network, and beside a gateway in a container each instance takes one; give it more "
                + $"(default-address-pools in its daemon.json), {WayAround(template)}: {error.Message}");
        }

        // Podman 4.3 takes a path of its own host where Docker takes the profile, and would say that there is no file with all that text as its name.
        if (error.Mentions("opening seccomp profile failed"))
        {
            return new StartOutcome.Failed(
                StartFailure.Rejected, "the engine takes no seccomp profile from a client (podman is one such); its own is named by seccomp_profile in its containers.conf");
        }

        return IsPortTaken(error)
            ? new StartOutcome.Failed(StartFailure.PortTaken, error.Message)
            : new StartOutcome.Failed(StartFailure.Rejected, Explained(error.Message));
    }

    private static string WayAround(DockerTemplate template) =>
        template.Egress ? "lower maxInstances" : "address \"namespace\" takes none of it, or lower maxInstances";

    /// <summary>What the engine or the container said, and what it means if the words do not tell.</summary>
    public static string Explained(string message) =>
        message.Contains("exec format error", StringComparison.OrdinalIgnoreCase) || IsReadByShell(message)
        ? $"{message} (an image for another architecture, or a script without #!)"
        : message;

    // The engine's init has a shell of the image read what is no program for this machine.
    private static bool IsReadByShell(string message) =>
        message.Contains("ELF", StringComparison.Ordinal) && message.Contains("not found", StringComparison.Ordinal);

    /// <summary>The engine has no status of its own for it: it is a 500 with one of these in its message.</summary>
    public static bool IsPortTaken(EngineError error) =>
        error.Mentions("port is already allocated") || error.Mentions("address already in use");

    /// <summary>Whether the engine has no addresses left for one more network.</summary>
    public static bool IsWithoutPools(EngineError error) =>
        error.Mentions("non-overlapping IPv4 address pool") || error.Mentions("predefined address pools have been fully subnetted");

    /// <summary>Whether the network that a container was to join is not there, or is there more than once.</summary>
    public static bool IsNetworkMissing(EngineError error, string network) =>
        (error.IsNotFound || error.IsAmbiguous) && error.Mentions("network") && error.Mentions(network);
}
