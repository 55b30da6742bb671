using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// What <see cref="DockerAddress.Auto"/> means here: <see cref="DockerAddress.Namespace"/>, if the gateway may enter network namespaces and sees the
/// engine's processes; it isolates best, and there is nothing that could run out. Else what <see cref="NetworkCheck"/> finds, if this is Linux and the
/// engine is at a unix socket; else <see cref="DockerAddress.Published"/>. Found once, and kept for the
/// life of the process. <see cref="DockerAddress.Namespace"/> itself is taken for Auto: so where it does not work there is another one.
/// </summary>
internal sealed class AddressResolver(EngineClient engine, NamespaceCheck namespaces, NetworkCheck networks, ILogger logger)
{
    private Resolution? _auto;
    private int _needsPort = -1;
    private int _saidWhyNoNamespace;

    /// <summary>
    /// Whether the address takes a port. Before what may mean several is resolved the answer is yes: a port that is leased and
    /// not used costs a place in the pool, one that is missing costs the start. An answer once given stays.
    /// </summary>
    public bool NeedsPort(DockerAddress address)
    {
        if (IsPlain(address))
        {
            return address == DockerAddress.Published;
        }

        var answer = Volatile.Read(ref _auto) is { Address: not DockerAddress.Published } ? 0 : 1;
        var given = Interlocked.CompareExchange(ref _needsPort, answer, -1);
        return (given == -1 ? answer : given) == 1;
    }

    /// <summary>Why <see cref="DockerAddress.Auto"/> means what it means; null before it is resolved.</summary>
    public string? Reason => Volatile.Read(ref _auto)?.Reason;

    /// <summary>Namespace, bridge, joined or published, and never Auto.</summary>
    public async ValueTask<(DockerAddress Address, EngineError? Error)> ResolveAsync(DockerAddress address, CancellationToken cancellationToken)
    {
        if (IsPlain(address))
        {
            return address == DockerAddress.Bridge ? await networks.BridgeAsync(cancellationToken) : (address, null);
        }

        var resolved = await ResolveAutoAsync(cancellationToken);
        if (resolved.Error is null
            && address == DockerAddress.Namespace
            && resolved.Address != address
            && Interlocked.Exchange(ref _saidWhyNoNamespace, 1) == 0)
        {
            logger.NoNamespace(resolved.Address.ToString().ToLowerInvariant(), Reason ?? "");
        }

        return resolved;
    }

    private static bool IsPlain(DockerAddress address) => address is DockerAddress.Bridge or DockerAddress.Published;

    private async ValueTask<(DockerAddress Address, EngineError? Error)> ResolveAutoAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _auto) is { } known)
        {
            return (known.Address, null);
        }

        var version = await engine.NegotiateAsync(cancellationToken);
        if (!version.Succeeded)
        {
            return (DockerAddress.Auto, version.Error);
        }

        var (resolution, error) = await FindAsync(cancellationToken);
        if (resolution is null)
        {
            return (DockerAddress.Auto, error);
        }

        if (Interlocked.CompareExchange(ref _auto, resolution, null) is { } first)
        {
            return (first.Address, null);
        }

        logger.AddressResolved(engine.Endpoint.Text, version.Value.Version.ToString(), resolution.Address.ToString(), resolution.Reason);
        return (resolution.Address, null);
    }

    private async Task<(Resolution? Resolution, EngineError? Error)> FindAsync(CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || engine.Endpoint.UnixSocket is not { } socket)
        {
            return (new Resolution(DockerAddress.Published, "the engine is not on this Linux host"), null);
        }

        var (obstacle, unreachable) = await namespaces.ObstacleAsync(socket, cancellationToken);
        if (unreachable is not null)
        {
            return (null, unreachable);
        }

        if (obstacle is null)
        {
            return (new Resolution(DockerAddress.Namespace, "this process may enter the network namespaces of the engine's containers"), null);
        }

        var (resolution, error) = await networks.FindAsync(socket, cancellationToken);
        return (resolution is null ? null : resolution with { Reason = $"{resolution.Reason}; not namespace: {obstacle}" }, error);
    }
}
