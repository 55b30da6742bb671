namespace Instancer.Cluster.Tests;

/// <summary>Reads a watch, and keeps what it said.</summary>
internal sealed class WatchLog : IAsyncDisposable
{
    private readonly Lock _turn = new();
    private readonly List<WatchMessage> _messages = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _reading;

    public WatchLog(IKeyValueStore store, string prefix, long fromRevision) => _reading = ReadAsync(store, prefix, fromRevision);

    public IReadOnlyList<WatchMessage> Messages
    {
        get
        {
            lock (_turn)
            {
                return [.. _messages];
            }
        }
    }

    public IReadOnlyList<StoreChange> Changes => [.. Messages.OfType<WatchMessage.Batch>().SelectMany(batch => batch.Changes)];

    /// <summary>How far it is.</summary>
    public long Revision => Messages.OfType<WatchMessage.Batch>().LastOrDefault()?.Revision ?? 0;

    /// <summary>What it ended with; null while it goes on.</summary>
    public WatchMessage? End => Messages.LastOrDefault(message => message is not WatchMessage.Batch);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
    }

    private async Task ReadAsync(IKeyValueStore store, string prefix, long fromRevision)
    {
        try
        {
            await foreach (var message in store.WatchAsync(prefix, fromRevision, _stopping.Token).ConfigureAwait(false))
            {
                lock (_turn)
                {
                    _messages.Add(message);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The test is over.
        }
    }
}
