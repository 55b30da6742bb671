using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>Finds out whether the engine can be used, what it is, and how containers are reached.</summary>
internal sealed class EngineProbe(EngineClient engine, AddressResolver addresses)
{
    public async Task<DockerProbe> RunAsync(CancellationToken cancellationToken)
    {
        var (address, error) = await addresses.ResolveAsync(DockerAddress.Auto, cancellationToken);
        if (error is not null)
        {
            return new DockerProbe.Unusable(error.Message);
        }

        var version = await engine.GetVersionAsync(cancellationToken);
        var info = await engine.GetInfoAsync(cancellationToken);
        var negotiated = await engine.NegotiateAsync(cancellationToken);
        return version.Error is { } failed ? new DockerProbe.Unusable(failed.Message)
            : negotiated.Error is { } refused ? new DockerProbe.Unusable(refused.Message)
            : new DockerProbe.Usable(
                engine.Endpoint.Text,
                version.Value!.Version ?? "unknown",
                negotiated.Value!.Version.ToString(),
                address,
                addresses.Reason ?? "")
            {
                ContainerRuntimes = [.. (info.Value?.Runtimes?.Keys ?? []).Order(StringComparer.Ordinal)],
            };
    }
}
