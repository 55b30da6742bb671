using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>
/// A slot while a start has it: nobody else is given it before the engine lists the container that is on it, or the start is over. With a way out the
/// container is made on that network, and put on the slot before it starts.
/// </summary>
/// <param name="slots">Where it is from.</param>
/// <param name="joining">Makes its network again if somebody removed it, and puts containers on it.</param>
/// <param name="name">The name of its network.</param>
/// <param name="network">Its network as it was found, with the gateway on it.</param>
/// <param name="wayOut">The network with a way out; null for none.</param>
internal sealed class Slot(SlotNetworks slots, SlotJoining joining, string name, Network network, IContainerNetwork? wayOut) : IContainerNetwork, IDisposable
{
    private Network? _found = network;

    /// <summary>The name of its network.</summary>
    public string SlotName => name;

    /// <inheritdoc/>
    public string Name => wayOut?.Name ?? name;

    /// <inheritdoc/>
    public async ValueTask<EngineResult<Network>> EnsureAsync(CancellationToken cancellationToken)
    {
        EngineResult<Network> slot = _found is { } found ? found : await joining.EnsureAsync(name, cancellationToken);
        _found = slot.Value;
        return slot.Succeeded && wayOut is not null ? await wayOut.EnsureAsync(cancellationToken) : slot;
    }

    /// <inheritdoc/>
    public void Forget()
    {
        _found = null;
        wayOut?.Forget();
    }

    /// <inheritdoc/>
    public async ValueTask<EngineError?> AttachAsync(string container, CancellationToken cancellationToken) =>
        wayOut is null ? null : await joining.AttachAsync(name, container, cancellationToken);

    /// <summary>Gives it back. What is on it by now, the engine knows.</summary>
    public void Dispose() => slots.Return(name);
}
