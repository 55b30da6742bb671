using Instancer.Containers.Docker.Engine;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Docker;

/// <summary>
/// Finds out whether the gateway can dial from inside its containers' network namespaces: it may enter them, the kernel knows the containers' sockets, and
/// the engine's processes are seen here. For the last one a gateway in a container of that engine looks for itself among them; any other one looks for the
/// engine.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="gateway">The gateway's own container.</param>
/// <param name="obstacle">Why the gateway may enter none, whatever the engine; null if it may.</param>
internal sealed class NamespaceCheck(EngineClient engine, GatewayContainer gateway, string? obstacle)
{
    /// <summary>Why it cannot, in one line; null if it can. An error if the engine does not answer.</summary>
    /// <param name="socket">The engine's socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<(string? Obstacle, EngineError? Unreachable)> ObstacleAsync(string socket, CancellationToken cancellationToken)
    {
        if (obstacle is not null)
        {
            return (obstacle, null);
        }

        var info = await engine.GetInfoAsync(cancellationToken);
        if (!info.Succeeded)
        {
            return info.Error.IsUnreachable ? (null, info.Error) : ($"the engine does not tell which host it is on: {info.Error.Message}", null);
        }

        if (!HostKernel.Runs(info.Value.DefaultRuntime))
        {
            return ($"the engine runs containers with {info.Value.DefaultRuntime}, whose sockets are its own", null);
        }

        var (own, error) = await gateway.FindAsync(cancellationToken);
        return error is { IsUnreachable: true } ? (null, error)
            : own is null ? (EngineHost.Obstacle(socket, info.Value.Name), null)
            : GatewayContainer.SeesProcesses(own) ? (null, null)
            : ("the gateway's container does not see the engine's processes", null);
    }
}
