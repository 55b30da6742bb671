namespace Instancer.Cluster.Ownership;

/// <summary>
/// The lease of the notes of what this node has left: they outlive its place and its process, but not for ever, as many are of keys that nobody asks for again.
/// </summary>
internal sealed class NoteLease(IKeyValueStore store)
{
    /// <summary>How long a node may be away and still serve what it has left.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromDays(1);

    private volatile Lease? _lease;

    /// <summary>The lease; null if the store does not grant one. Of several that were asked for at once the last is kept, and each is as good as the others.</summary>
    public async Task<Lease?> GetAsync() => _lease ??= (await store.GrantAsync(Length, CancellationToken.None).ConfigureAwait(false)).Value;

    /// <summary>The lease is over: the next one who asks gets another.</summary>
    public void Forget() => _lease = null;
}
