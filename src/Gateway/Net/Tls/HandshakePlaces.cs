namespace Instancer.Gateway.Net.Tls;

/// <summary>The places of handshakes that are under way: a bounded number. When all are taken the oldest handshake gives up its own, since whoever is honest is done soon.</summary>
/// <param name="most">How many there are.</param>
/// <param name="timeout">How long one may be kept.</param>
/// <param name="time">The clock of that.</param>
internal sealed class HandshakePlaces(int most, TimeSpan timeout, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Place> _taken = [];
    private bool _closed;

    /// <summary>How many are taken.</summary>
    public int Taken
    {
        get
        {
            lock (_lock)
            {
                return _taken.Count;
            }
        }
    }

    /// <summary>Takes a place; the token in it is cancelled when it has to be given up.</summary>
    public Place Take()
    {
        lock (_lock)
        {
            if (_taken.Count >= most)
            {
                _taken.First!.Value.GiveUp();
            }

            var place = new Place(this, new CancellationTokenSource(timeout, time));
            place.Node = _taken.AddLast(place);
            if (_closed)
            {
                place.GiveUp();
            }

            return place;
        }
    }

    /// <summary>Has all given up, those too that are taken later.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            while (_taken.First is { } first)
            {
                first.Value.GiveUp();
            }
        }
    }

    /// <summary>A place; disposing it gives it back.</summary>
    internal sealed class Place(HandshakePlaces places, CancellationTokenSource cancellation) : IDisposable
    {
        private bool _disposed;

        public CancellationToken Token { get; } = cancellation.Token;

        /// <summary>Where it is among those that are taken; null once it is not.</summary>
        public LinkedListNode<Place>? Node { get; set; }

        /// <summary>For the holder of the lock only.</summary>
        public void GiveUp()
        {
            Leave();

            // Elsewhere: what hangs on it must not run under the lock.
            _ = cancellation.CancelAsync();
        }

        public void Dispose()
        {
            lock (places._lock)
            {
                if (!_disposed)
                {
                    _disposed = true;
                    Leave();
                    cancellation.Dispose();
                }
            }
        }

        private void Leave()
        {
            if (Node is not null)
            {
                places._taken.Remove(Node);
                Node = null;
            }
        }
    }
}
