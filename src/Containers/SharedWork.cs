namespace Instancer.Containers;

/// <summary>
/// Work that is done once at a time for each key: whoever asks for what is under way waits for that. It is never cut off; who gives up leaves it to run to
/// its end, and whoever comes meanwhile joins it.
/// </summary>
internal sealed class SharedWork<TKey, T>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Task<T>> _underWay = [];

    /// <param name="key">What the work is about.</param>
    /// <param name="work">The work, should none be under way.</param>
    /// <param name="cancellationToken">Gives up waiting, and not the work.</param>
    public Task<T> DoAsync(TKey key, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Task<T>? task;
        lock (_underWay)
        {
            if (!_underWay.TryGetValue(key, out task))
            {
                // On another thread, which finds the lock taken until the task is in the table.
                task = Task.Run(() => DoAsync(key, work), CancellationToken.None);
                _underWay.Add(key, task);
            }
        }

        return task.WaitAsync(cancellationToken);
    }

    private async Task<T> DoAsync(TKey key, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        finally
        {
            lock (_underWay)
            {
                _underWay.Remove(key);
            }
        }
    }
}
