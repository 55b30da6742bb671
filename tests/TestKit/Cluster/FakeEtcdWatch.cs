using Instancer.Cluster;

namespace Instancer.TestKit.Cluster;

/// <summary>A watch on the model: what it is to tell travels, and arrives in its order.</summary>
internal sealed class FakeEtcdWatch(string prefix, long fromRevision, Action<Action> travel)
{
    private readonly Queue<WatchMessage> _underWay = [];
    private readonly Queue<WatchMessage> _arrived = [];
    private TaskCompletionSource<WatchMessage>? _reader;
    private bool _isBroken;

    public long FromRevision => fromRevision;

    /// <summary>What the store says when there are changes.</summary>
    public void Tell(long revision, IReadOnlyList<StoreChange> changes)
    {
        var mine = revision < fromRevision ? [] : changes.Where(change => change.Key.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        if (mine.Count > 0)
        {
            Send(new WatchMessage.Batch(revision, mine));
        }
    }

    /// <summary>What the store says at the end.</summary>
    public void End(WatchMessage message) => Send(message);

    /// <summary>Loses what is under way, and all that comes.</summary>
    public void Break() => _isBroken = true;

    /// <summary>What the client finds out by itself.</summary>
    public void Say(WatchMessage message)
    {
        if (_reader?.TrySetResult(message) != true)
        {
            _arrived.Enqueue(message);
        }
    }

    /// <summary>What arrives next. Its reader goes on where it arrives, or where it is given up: in a simulation on the one thread that there is.</summary>
    public async Task<WatchMessage> NextAsync(CancellationToken cancellationToken)
    {
        if (_arrived.TryDequeue(out var message))
        {
            return message;
        }

        _reader = new TaskCompletionSource<WatchMessage>();
        // Not disposed of by an await: that would go on elsewhere if it is this that gives it up.
        using var registration = cancellationToken.Register(() => _reader.TrySetCanceled(cancellationToken));
        return await _reader.Task.ConfigureAwait(false);
    }

    private void Send(WatchMessage message)
    {
        if (_isBroken)
        {
            return;
        }

        // Whichever step comes first takes what was said first.
        _underWay.Enqueue(message);
        travel(() =>
        {
            if (_underWay.TryDequeue(out var next) && !_isBroken)
            {
                Say(next);
            }
        });
    }
}
