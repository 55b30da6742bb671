namespace Instancer.Actors.Runtime;

/// <summary>The restarts of one actor within its supervision window.</summary>
internal sealed class RestartHistory
{
    private readonly Queue<TimeSpan> _restarts = new();

    /// <summary>How long to wait before restarting once more, or null if there were too many.</summary>
    public TimeSpan? Next(SupervisionStrategy strategy, TimeSpan now)
    {
        while (_restarts.TryPeek(out var oldest) && now - oldest > strategy.Window)
        {
            _restarts.Dequeue();
        }

        if (_restarts.Count >= strategy.MaxRestarts)
        {
            return null;
        }

        _restarts.Enqueue(now);
        return strategy.BackoffAfter(_restarts.Count - 1);
    }
}
