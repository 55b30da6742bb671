using System.Buffers;
using System.Net.Sockets;
using Instancer.Actors.Registry;

namespace Instancer.Gateway.Net.Portable;

/// <summary>How a pump ended.</summary>
internal enum PumpEnd
{
    /// <summary>The source ended in order, and the target was told.</summary>
    Finished,

    /// <summary>The source was reset or closed.</summary>
    SourceLost,

    /// <summary>The target was reset or closed.</summary>
    TargetLost,

    /// <summary>This node may not pass on any more.</summary>
    TenureLost,
}

/// <summary>Moves the bytes of one direction. Holds no buffer while there is nothing to read.</summary>
/// <param name="source">Where bytes are read.</param>
/// <param name="target">Where they are written.</param>
/// <param name="tenure">Without which nothing passes.</param>
/// <param name="throttle">What the direction is held to; null for nothing.</param>
internal sealed class SocketPump(Socket source, Socket target, ITenure tenure, SocketThrottle? throttle)
{
    private const int SmallChunk = 4 * 1024;
    private const int LargestChunk = 128 * 1024;

    private long _bytes;

    /// <summary>The bytes passed on so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Moves bytes until the source ends or one of the two is lost; never faulted.</summary>
    public async Task<PumpEnd> RunAsync()
    {
        // One method and one loop: nothing is allocated for a read or a write.
        var ifLost = PumpEnd.SourceLost;
        var size = SmallChunk;
        byte[]? chunk = null;
        try
        {
            while (true)
            {
                ifLost = PumpEnd.SourceLost;
                await source.ReceiveAsync(Memory<byte>.Empty);
                var room = throttle is null ? int.MaxValue : await throttle.WaitAsync();
                chunk = ArrayPool<byte>.Shared.Rent(size);
                var count = await source.ReceiveAsync(chunk.AsMemory(0, Math.Min(room, chunk.Length)));
                ifLost = PumpEnd.TargetLost;
                if (!tenure.Holds)
                {
                    return PumpEnd.TenureLost;
                }

                if (count == 0)
                {
                    target.Shutdown(SocketShutdown.Send);
                    return PumpEnd.Finished;
                }

                // A stream socket's SendAsync ends when all is sent.
                await target.SendAsync(chunk.AsMemory(0, count));
                Volatile.Write(ref _bytes, _bytes + count);
                throttle?.Spend(count);
                size = count == chunk.Length ? Math.Min(size * 2, LargestChunk) : SmallChunk;
                ArrayPool<byte>.Shared.Return(chunk);
                chunk = null;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return ifLost;
        }
        finally
        {
            if (chunk is not null)
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }
        }
    }
}
