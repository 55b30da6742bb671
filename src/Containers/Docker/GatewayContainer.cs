using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>
/// The container that the gateway itself runs in, if it is one of this very engine's. An id is 32 random bytes: an engine that knows the one in
/// the gateway's own files has made that container, whatever stands between the two.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="id">What the gateway's files tell; null for none.</param>
internal sealed class GatewayContainer(EngineClient engine, string? id)
{
    /// <summary>What the gateway's files tell; null for none.</summary>
    public string? Id => id;

    /// <summary>The container; neither it nor an error if the gateway is in none of this engine's.</summary>
    public async Task<(Container? Container, EngineError? Error)> FindAsync(CancellationToken cancellationToken)
    {
        if (id is null)
        {
            return (null, null);
        }

        var inspected = await engine.InspectContainerAsync(id, cancellationToken);
        return inspected.Error is { IsNotFound: false } error ? (null, error)
            : inspected.Value is { State.Running: true } container && container.Id == id ? (container, null)
            : (null, null);
    }

    /// <summary>Whether this process sees the engine's processes, under the numbers that the engine gives them.</summary>
    public static bool SeesProcesses(Container container) => OwnContainer.Has(container.State.Pid);
}
