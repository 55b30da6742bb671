using System.Numerics;
using Instancer.Gate.Work;

namespace Instancer.Gate.Tests.Work;

/// <summary>The proof of work as it is defined, with numbers of any size.</summary>
internal static class Reckoned
{
    public static readonly BigInteger P = (BigInteger.One << Residue.Bits) - 1;

    public static BigInteger Solve(BigInteger start, int difficulty)
    {
        for (var i = 0; i < difficulty; i++)
        {
            start = BigInteger.ModPow(start, (P + 1) / 4, P) ^ 1;
        }

        return start;
    }

    public static bool Accepts(BigInteger start, int difficulty, BigInteger answer)
    {
        for (var i = 0; i < difficulty; i++)
        {
            answer = BigInteger.ModPow(answer ^ 1, 2, P);
        }

        return answer == start || answer == P - start;
    }

    public static byte[] Bytes(BigInteger value) => value.ToByteArray(isUnsigned: true, isBigEndian: true);

    public static BigInteger Number(in Residue value)
    {
        var bytes = new byte[Residue.Length];
        value.Write(bytes);
        return new BigInteger(bytes, isUnsigned: true, isBigEndian: true);
    }

    public static Residue Of(BigInteger value) =>
        Residue.TryRead(Bytes(value), out var residue) ? residue : throw new ArgumentOutOfRangeException(nameof(value));

    /// <summary>A number in the encoding of kCTF: padded to a multiple of 3 bytes.</summary>
    public static string Padded(BigInteger value)
    {
        var bytes = new byte[((int)value.GetBitLength() / 24 * 3) + 3];
        value.ToByteArray(isUnsigned: true, isBigEndian: true).CopyTo(bytes, bytes.Length - value.GetByteCount(isUnsigned: true));
        return Convert.ToBase64String(bytes);
    }
}
