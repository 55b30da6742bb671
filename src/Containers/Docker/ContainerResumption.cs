using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Lets go on what somebody paused: a paused server still has its connections accepted by the kernel, and answers none. Done when a container
/// is listed or adopted, not at once, so that what pauses for a moment (<c>docker commit</c>) is seldom disturbed.
/// </summary>
internal sealed class ContainerResumption(EngineClient engine, ILogger logger)
{
    /// <summary>Whether the container, which runs, is not paused or not any more.</summary>
    public async Task<bool> GoesOnAsync(Container container, CancellationToken cancellationToken)
    {
        if (!container.State.Paused)
        {
            return true;
        }

        if (await engine.UnpauseContainerAsync(container.Id, cancellationToken) is { IsConflict: false } error)
        {
            logger.ResumeFailed(container.Id, error.Message);
            return false;
        }

        // A conflict: it went on, or ended, meanwhile.
        logger.Resumed(container.Id);
        return true;
    }
}
