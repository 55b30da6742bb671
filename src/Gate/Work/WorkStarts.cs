using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Instancer.Gate.Work;

/// <summary>
/// Where challenges start: 128 bits that nobody can foresee, and never the same twice. A counter is enciphered with a random key that lives as long as this: under one key a block cipher maps
/// different blocks to different blocks.
/// </summary>
internal sealed class WorkStarts
{
    private readonly Lock _lock = new();
    private readonly Aes _cipher = Aes.Create();
    private UInt128 _count;

    /// <summary>The next one.</summary>
    public UInt128 Next()
    {
        Span<byte> block = stackalloc byte[16];
        lock (_lock)
        {
            BinaryPrimitives.WriteUInt128BigEndian(block, _count++);
            _cipher.EncryptEcb(block, block, PaddingMode.None);
        }

        return BinaryPrimitives.ReadUInt128BigEndian(block);
    }
}
