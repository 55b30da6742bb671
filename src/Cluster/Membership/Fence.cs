namespace Instancer.Cluster.Membership;

/// <summary>
/// Whether this node may serve: for as long as it has a place that nobody else can have been given yet. Any thread may ask, before each thing that only a member may do; the
/// answer depends on the clock and not on whether somebody noticed in time that the lease ran out, so a node that was paused past its end does not serve when it wakes.
/// </summary>
/// <param name="time">The node's own clock, of which only the monotonic part counts.</param>
internal sealed class Fence(TimeProvider time)
{
    private volatile State? _state;
    private volatile bool _isOver;
    private volatile TaskCompletionSource _opening = new();

    /// <summary>The place that may be acted on at this moment; null if there is none.</summary>
    public Place? Place => _state is { } state && time.GetTimestamp() < state.Until ? state.Place : null;

    /// <summary>Whether there will never be a place again.</summary>
    public bool IsOver => _isOver;

    /// <summary>Whether <paramref name="place"/> may still be acted on.</summary>
    public bool Allows(Place place) => ReferenceEquals(Place, place);

    /// <summary>Waits until there is a place; null if there is none in time, or never will be.</summary>
    public async ValueTask<Place?> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (true)
        {
            // Before the place is looked at: who opens it later than that ends this.
            var opening = _opening.Task;
            if (Place is { } place)
            {
                return place;
            }

            var left = limit - time.GetElapsedTime(since);
            if (_isOver || left <= TimeSpan.Zero)
            {
                return null;
            }

            // Waits are cut to whole milliseconds: less than one would be no wait at all.
            var wait = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            await opening.WaitAsync(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Lets a place count until a moment of the clock.</summary>
    internal void Open(Place place, long until)
    {
        _state = new State(place, until);
        Wake();
    }

    /// <summary>Lets no place count.</summary>
    internal void Close() => _state = null;

    /// <summary>Lets no place count, now and ever.</summary>
    internal void End()
    {
        _isOver = true;
        Close();
        Wake();
    }

    private void Wake() => Interlocked.Exchange(ref _opening, new TaskCompletionSource()).SetResult();

    private sealed record State(Place Place, long Until);
}
