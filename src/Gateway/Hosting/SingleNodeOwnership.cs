using Instancer.Actors;
using Instancer.Actors.Registry;

namespace Instancer.Gateway.Hosting;

/// <summary>The ownership of a node that is alone: every key is its own.</summary>
internal sealed class SingleNodeOwnership : IKeyOwnership
{
    /// <inheritdoc/>
    public ValueTask<KeyOwner> ClaimAsync(InstanceKey key, CancellationToken cancellationToken) => new(KeyOwner.Here.Instance);

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken) => ValueTask.CompletedTask;
}
