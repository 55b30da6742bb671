namespace Instancer.Gateway.Net.Linux;

/// <summary>The chunks of one loop, for its thread only. A session that moves bytes borrows one, and keeps it only while its target is slow.</summary>
internal sealed class ChunkPool
{
    /// <summary>The size of a chunk in bytes.</summary>
    public const int ChunkLength = 128 * 1024;

    private const int MostKept = 32;

    private readonly Stack<byte[]> _free = new();

    public byte[] Rent() => _free.TryPop(out var chunk) ? chunk : GC.AllocateUninitializedArray<byte>(ChunkLength);

    public void Return(byte[] chunk)
    {
        if (_free.Count < MostKept)
        {
            _free.Push(chunk);
        }
    }
}
