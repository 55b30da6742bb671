namespace Instancer.Cluster.Ownership;

/// <summary>
/// The lease of the notes of what this node has left: they outlive its place and its process, but not for ever, as many are of keys that nobody asks for again.
/// </summary>
internal sealed class NoteLease(IKeyValueStore store)
{
    /// <summary>How long a node may be away and still serve what it has left.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private Task<StoreResult<Lease>>? _granted;

    /// <summary>The lease; null if the store does not grant one.</summary>
    public async Task<Lease?> GetAsync()
    {
        Task<StoreResult<Lease>> granted;
        lock (_lock)
        {
            if (_granted is null or { IsCompletedSuccessfully: true, Result.Succeeded: false })
            {
                _granted = store.GrantAsync(Length, CancellationToken.None);
            }

            granted = _granted;
        }

        return (await granted.ConfigureAwait(false)).Value;
    }

    /// <summary>The lease is over: the next one who asks gets another.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _granted = null;
        }
    }
}
