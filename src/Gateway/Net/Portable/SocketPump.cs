using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

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
}

/// <summary>Moves the bytes of one direction. Holds no buffer while there is nothing to read.</summary>
/// <param name="source">Where bytes are read.</param>
/// <param name="target">Where they are written.</param>
internal sealed class SocketPump(Socket source, Socket target)
{
    private const int SmallChunk = 4 * 1024;
    private const int LargestChunk = 128 * 1024;

    private long _bytes;

    /// <summary>The bytes passed on so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Moves bytes until the source ends or one of the two is lost; never faulted.</summary>
    public async Task<PumpEnd> RunAsync()
    {
        while (true)
        {
            try
            {
                await source.ReceiveAsync(Memory<byte>.Empty);
            }
            catch (Exception e) when (IsLoss(e))
            {
                return PumpEnd.SourceLost;
            }

            if (await MoveWhileFullAsync() is { } end)
            {
                return end;
            }
        }
    }

    // Moves until a read leaves room in its chunk; null if the source goes on.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<PumpEnd?> MoveWhileFullAsync()
    {
        for (var size = SmallChunk; ; size = Math.Min(size * 2, LargestChunk))
        {
            var chunk = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                var (count, end) = await MoveAsync(chunk);
                if (end is not null || count < chunk.Length)
                {
                    return end;
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(int Count, PumpEnd? End)> MoveAsync(byte[] chunk)
    {
        int count;
        try
        {
            count = await source.ReceiveAsync(chunk.AsMemory());
        }
        catch (Exception e) when (IsLoss(e))
        {
            return (0, PumpEnd.SourceLost);
        }

        try
        {
            if (count == 0)
            {
                target.Shutdown(SocketShutdown.Send);
                return (0, PumpEnd.Finished);
            }

            // A stream socket's SendAsync ends when all is sent.
            await target.SendAsync(chunk.AsMemory(0, count));
        }
        catch (Exception e) when (IsLoss(e))
        {
            return (0, PumpEnd.TargetLost);
        }

        Volatile.Write(ref _bytes, _bytes + count);
        return (count, null);
    }

    private static bool IsLoss(Exception e) => e is SocketException or ObjectDisposedException;
}
