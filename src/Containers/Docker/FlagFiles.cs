using System.Collections.Concurrent;
using System.Security.Cryptography;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Has the engine keep a flag in a file for as long as a container's start takes. Once the container runs the file's volume goes: the container's mount keeps the file
/// itself. What is given up or cannot be removed is swept later.
/// </summary>
internal sealed class FlagFiles(FlagVolumes volumes, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>How long a removal may take before it is left to a later sweep.</summary>
    private static readonly TimeSpan RemovalLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long the end of the process waits for what is being removed; the next one sweeps what is left.</summary>
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, bool> _inUse = [];
    private readonly ConcurrentDictionary<Task, bool> _underWay = [];

    // How often something was left, by an earlier process to begin with, and how much of that has been swept.
    private int _left = 1;
    private int _swept;
    private int _sweeping;

    /// <summary>The file; to be released when the container runs, or will not. Given up, it is written all the same and then removed.</summary>
    public async Task<EngineResult<FlagFile>> WriteAsync(string image, string flag, CancellationToken cancellationToken)
    {
        var name = $"instancer-flag-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        _inUse[name] = true;
        // Not to be given up: a request that was cut off may be carried out all the same, and nobody would know of what it made.
        var writing = volumes.MakeAsync(name, image, flag);
        try
        {
            var written = await writing.WaitAsync(cancellationToken);
            if (!written.Succeeded)
            {
                Leave(name);
            }

            return written;
        }
        catch (OperationCanceledException)
        {
            Track(ReleaseWhenWrittenAsync(name, writing));
            throw;
        }
    }

    /// <summary>Begins to remove it; what cannot be removed now goes with a later <see cref="SweepAsync"/>.</summary>
    public void Release(FlagFile file) => Track(ReleaseAsync(file.Volume));

    /// <summary>Begins to remove what earlier processes left, and starts that were given up; nobody has to wait for it.</summary>
    public void Sweep()
    {
        if (Volatile.Read(ref _left) != Volatile.Read(ref _swept) && Interlocked.Exchange(ref _sweeping, 1) == 0)
        {
            Track(SweepAsync());
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(_underWay.Keys).WaitAsync(DisposeLimit, time);
        }
        catch (TimeoutException)
        {
            logger.FlagsLeft(DisposeLimit);
        }
    }

    private void Track(Task work)
    {
        _underWay[work] = true;
        _ = work.ContinueWith(done => _underWay.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task SweepAsync()
    {
        using var limit = new CancellationTokenSource(RemovalLimit, time);
        try
        {
            var before = Volatile.Read(ref _left);
            if (await TrySweepAsync(limit.Token))
            {
                Volatile.Write(ref _swept, before);
            }
        }
        catch (OperationCanceledException)
        {
            logger.FlagsLeft(RemovalLimit);
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    private async Task<bool> TrySweepAsync(CancellationToken cancellationToken)
    {
        var (names, isComplete) = await volumes.ListAsync(cancellationToken);
        foreach (var name in names.Where(name => !_inUse.ContainsKey(name)))
        {
            isComplete &= await volumes.RemoveAsync(name, cancellationToken);
        }

        return isComplete;
    }

    private async Task ReleaseWhenWrittenAsync(string name, Task writing)
    {
        await writing;
        await ReleaseAsync(name);
    }

    private async Task ReleaseAsync(string name)
    {
        using var limit = new CancellationTokenSource(RemovalLimit, time);
        var isGone = false;
        try
        {
            isGone = await volumes.RemoveAsync(name, limit.Token);
        }
        catch (OperationCanceledException)
        {
            logger.FlagsLeft(RemovalLimit);
        }

        if (isGone)
        {
            _inUse.TryRemove(name, out _);
        }
        else
        {
            Leave(name);
        }
    }

    private void Leave(string name)
    {
        _inUse.TryRemove(name, out _);
        Interlocked.Increment(ref _left);
    }
}
