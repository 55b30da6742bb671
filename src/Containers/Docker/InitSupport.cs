using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Whether the engine has an init to give to containers: a program beside the engine, which may be missing, and the engine tells only when
/// a container is started (podman: made). Found missing, it is done without until the end of the process.
/// </summary>
internal sealed class InitSupport(ILogger logger)
{
    private int _missing;

    public bool Available => Volatile.Read(ref _missing) == 0;

    /// <summary>Whether a start failed for want of an init; logged the first time.</summary>
    public bool IsMissing(EngineError error)
    {
        // Podman calls it by the other name.
        var missing = error.Mentions("docker-init") || error.Mentions("container-init binary not found");
        if (missing && Interlocked.Exchange(ref _missing, 1) == 0)
        {
            logger.NoInit(error.Message);
        }

        return missing;
    }
}
