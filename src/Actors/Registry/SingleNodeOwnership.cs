namespace Instancer.Actors.Registry;

/// <summary>The ownership of a node that is alone: every key is its own, for good.</summary>
public sealed class SingleNodeOwnership : IKeyOwnership
{
    private static readonly KeyOwner Here = new KeyOwner.Here(UnlimitedTenure.Instance);

    /// <inheritdoc/>
    public ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken) => new(Here);

    /// <inheritdoc/>
    public ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) => new(Here);

    /// <inheritdoc/>
    public ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken) => new(default(string));
}
