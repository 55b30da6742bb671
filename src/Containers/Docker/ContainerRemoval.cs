using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>Removes containers. One that is not there is a success.</summary>
internal sealed class ContainerRemoval(EngineClient engine, string node, TimeProvider time, ILogger logger)
{
    /// <summary>Null once the container is gone for certain.</summary>
    public async Task<EngineError?> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        var interval = PollInterval.ForReadiness();
        while (true)
        {
            var error = await engine.RemoveContainerAsync(id, cancellationToken);
            if (error is null or { IsNotFound: true })
            {
                return null;
            }

            // 409: somebody else's removal of it is under way. What counts is its end.
            if (!error.IsConflict || !error.Mentions("in progress"))
            {
                return error;
            }

            await Task.Delay(interval.Next(), time, cancellationToken);
        }
    }

    /// <summary>Tries once, and logs a failure: what is left is found by the next listing.</summary>
    public async Task TryRemoveAsync(string id, CancellationToken cancellationToken)
    {
        if (await RemoveAsync(id, cancellationToken) is { } error)
        {
            logger.RemoveFailed(id, error.Message);
        }
    }

    /// <summary>Whether the labels are of this node.</summary>
    public bool IsOurs(IReadOnlyDictionary<string, string>? labels) => labels?.GetValueOrDefault(ContainerLabels.NodeLabel) == node;
}
