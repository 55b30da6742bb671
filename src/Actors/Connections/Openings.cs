namespace Instancer.Actors.Connections;

/// <summary>
/// A gateway's connections that have not said yet what they want, the oldest first. A connection ends its entry by itself, from its own thread and without a lock; what is over is
/// thrown out later, so that the ordinary client costs one small object.
/// </summary>
internal sealed class Openings
{
    /// <summary>How many entries may be over before it is worth a look.</summary>
    private const int Slack = 64;

    private readonly Queue<Opening> _inOrder = new();
    private int _lookAt = Slack;

    /// <summary>How many entries are kept, those that are over among them.</summary>
    public int Count => _inOrder.Count;

    /// <summary>The one that has been opening for longest; null if none is.</summary>
    public Opening? Oldest
    {
        get
        {
            while (_inOrder.TryPeek(out var oldest))
            {
                if (!oldest.IsOver)
                {
                    return oldest;
                }

                _inOrder.Dequeue();
            }

            return null;
        }
    }

    /// <summary>Adds the newest.</summary>
    public void Add(Opening opening)
    {
        if (Oldest is not null && _inOrder.Count >= _lookAt)
        {
            // Behind one that is slow to say anything many have come and gone.
            for (var left = _inOrder.Count; left > 0; left--)
            {
                if (_inOrder.Dequeue() is { IsOver: false } open)
                {
                    _inOrder.Enqueue(open);
                }
            }

            _lookAt = (_inOrder.Count * 2) + Slack;
        }

        _inOrder.Enqueue(opening);
    }

    /// <summary>Takes the oldest out.</summary>
    public void RemoveOldest() => _inOrder.Dequeue();
}
