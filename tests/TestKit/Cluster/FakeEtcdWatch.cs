using System.Threading.Channels;
using Instancer.Cluster;

namespace Instancer.TestKit.Cluster;

/// <summary>A watch on the model: what it is to tell travels, and arrives in its order.</summary>
internal sealed class FakeEtcdWatch(string prefix, long fromRevision, Action<Action> travel)
{
    private readonly Queue<WatchMessage> _underWay = [];
    // Its reader goes on where the message arrives: in a simulation on the one thread that there is.
    private readonly Channel<WatchMessage?> _arrived = Channel.CreateUnbounded<WatchMessage?>(new() { AllowSynchronousContinuations = true });
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
    public void Say(WatchMessage message) => _arrived.Writer.TryWrite(message);

    /// <summary>Its reader does not want it any more.</summary>
    public void GiveUp() => _arrived.Writer.TryWrite(null);

    /// <summary>What arrives next; null once it was given up. A token here would have the reader go on elsewhere.</summary>
    public ValueTask<WatchMessage?> NextAsync() => _arrived.Reader.ReadAsync(CancellationToken.None);

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
