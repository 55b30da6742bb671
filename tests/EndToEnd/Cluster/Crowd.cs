namespace Instancer.EndToEnd.Cluster;

/// <summary>Clients that come and go until they are told to stop, one for each key: each session asks a few times, the next one is made through any of the nodes.</summary>
internal sealed class Crowd : IAsyncDisposable
{
    private const int Questions = 5;

    private static readonly TimeSpan Thought = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _playing;

    /// <param name="keys">Whose clients they are.</param>
    /// <param name="history">Where they write down what they see.</param>
    /// <param name="nodes">The nodes that a client may come to now; asked before each session.</param>
    public Crowd(IEnumerable<LabKey> keys, History history, Func<IReadOnlyList<LabNode>> nodes) =>
        _playing = Task.WhenAll(keys.Select(key => PlayAsync(key, history, nodes)));

    /// <summary>Ends it; fails if a client saw what no client may see.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _playing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task PlayAsync(LabKey key, History history, Func<IReadOnlyList<LabNode>> nodes)
    {
        while (!_stop.IsCancellationRequested)
        {
            var through = nodes();
            using var session = new LabSession(key, through[Random.Shared.Next(through.Count)], history);
            for (var i = 0; i < Questions && !_stop.IsCancellationRequested && await session.AskAsync(); i++)
            {
                await ThinkAsync();
            }

            await ThinkAsync();
        }
    }

    // Clients are not machines: nothing is awaited.
    private static Task ThinkAsync() => Task.Delay(Thought, TimeProvider.System);
}
