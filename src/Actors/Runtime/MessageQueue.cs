namespace Instancer.Actors.Runtime;

/// <summary>
/// A first-in-first-out ring. It keeps one small segment while it is empty, so that an idle actor costs little and a busy
/// one does not allocate for each message. Not thread-safe: the cell's lock guards it.
/// </summary>
internal struct MessageQueue
{
    private const int SmallSegment = 4;

    private object?[]? _items;
    private int _head;

    public int Count { get; private set; }

    public void Enqueue(object item)
    {
        Grow();
        _items![(_head + Count) & (_items.Length - 1)] = item;
        Count++;
    }

    public void PutBack(object item)
    {
        Grow();
        _head = (_head - 1) & (_items!.Length - 1);
        _items[_head] = item;
        Count++;
    }

    public object Dequeue()
    {
        var item = _items![_head]!;
        _items[_head] = null;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        return item;
    }

    /// <summary>Gives a segment back that a burst has made large.</summary>
    public void TrimIfEmpty()
    {
        if (Count == 0 && _items?.Length > 1024)
        {
            _items = null;
            _head = 0;
        }
    }

    private void Grow()
    {
        if (_items is null)
        {
            _items = new object?[SmallSegment];
        }
        else if (Count == _items.Length)
        {
            var larger = new object?[_items.Length * 2];
            for (var i = 0; i < Count; i++)
            {
                larger[i] = _items[(_head + i) & (_items.Length - 1)];
            }

            _items = larger;
            _head = 0;
        }
    }
}
