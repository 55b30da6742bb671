using System.Buffers;
using Instancer.Actors.Connections;
using Instancer.Gate.Sessions;

namespace Instancer.Gateway.Net.Tls;

/// <summary>How a pump ended.</summary>
internal enum TlsPumpEnd
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
/// <param name="terms">Without whose tenure nothing passes, and how much of it may.</param>
/// <param name="time">The clock.</param>
internal sealed class TlsPump(IExactSocket source, IExactSocket target, SessionTerms terms, TimeProvider time)
{
    /// <summary>Two records of TLS (RFC 8446, 5.1).</summary>
    private const int ChunkLength = 32 * 1024;

    private readonly ByteBucket? _bucket = terms.BytesPerSecond is { } perSecond ? new ByteBucket(perSecond, time) : null;
    private long _bytes;

    /// <summary>The bytes passed on so far.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Moves bytes until the source ends or one of the two is lost; never faulted.</summary>
    /// <param name="over">The session is over.</param>
    public async Task<TlsPumpEnd> RunAsync(CancellationToken over)
    {
        byte[]? chunk = null;
        try
        {
            while (true)
            {
                if (await source.ReadSomeAsync(Memory<byte>.Empty, CancellationToken.None) == ExactSocket.Lost)
                {
                    return TlsPumpEnd.SourceLost;
                }

                var room = _bucket is null ? ChunkLength : await RoomAsync(_bucket, over);
                if (room == 0)
                {
                    return TlsPumpEnd.SourceLost;
                }

                chunk = ArrayPool<byte>.Shared.Rent(room);
                var count = await source.ReadSomeAsync(chunk.AsMemory(0, room), CancellationToken.None);
                if (count == ExactSocket.Lost)
                {
                    return TlsPumpEnd.SourceLost;
                }

                if (!terms.Tenure.Holds)
                {
                    return TlsPumpEnd.TenureLost;
                }

                if (count == 0)
                {
                    return await target.EndSendingAsync(CancellationToken.None) ? TlsPumpEnd.Finished : TlsPumpEnd.TargetLost;
                }

                if (!await target.WriteAsync(chunk.AsMemory(0, count), CancellationToken.None))
                {
                    return TlsPumpEnd.TargetLost;
                }

                Volatile.Write(ref _bytes, _bytes + count);
                _bucket?.Spend(count);
                ArrayPool<byte>.Shared.Return(chunk);
                chunk = null;
            }
        }
        finally
        {
            if (chunk is not null)
            {
                ArrayPool<byte>.Shared.Return(chunk);
            }
        }
    }

    // How many bytes may be read; 0 if the session is over before there is room. While there is none nothing is read, and the sender has to wait.
    private async ValueTask<int> RoomAsync(ByteBucket bucket, CancellationToken over)
    {
        int room;
        while ((room = bucket.Room(ChunkLength)) == 0 && !over.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(bucket.UntilRoom(), time, over));
        }

        return room;
    }
}
