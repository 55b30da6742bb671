using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Instancer.Gate.Work;

/// <summary>
/// A number below 2^1279, for reckoning modulo p = 2^1279 - 1, a Mersenne prime: 2^1279 is 1 there, so that what is above bit 1279 is added to what is below it, and nothing is divided. The one
/// number with two forms is 0, which may also be p.
/// </summary>
[InlineArray(Limbs)]
internal struct Residue
{
    /// <summary>How many bits it has.</summary>
    public const int Bits = 1279;

    /// <summary>How many bytes it takes.</summary>
    public const int Length = (Bits + 7) / 8;

    private const int Limbs = 20;
    private const ulong TopLimb = ulong.MaxValue >> ((Limbs * 64) - Bits);

    private ulong _lowest;

    /// <summary>A small number.</summary>
    public static Residue From(UInt128 value)
    {
        var residue = default(Residue);
        residue[0] = (ulong)value;
        residue[1] = (ulong)(value >> 64);
        return residue;
    }

    /// <summary>Reads a number, highest byte first, with or without zeros in front; false if it has more than 1279 bits.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Residue value)
    {
        value = default;
        bytes = bytes.TrimStart((byte)0);
        if (bytes.Length > Length)
        {
            return false;
        }

        Span<byte> whole = stackalloc byte[Length];
        whole.Clear();
        bytes.CopyTo(whole[(Length - bytes.Length)..]);
        for (var i = 0; i < Limbs; i++)
        {
            value[i] = BinaryPrimitives.ReadUInt64BigEndian(whole[(Length - (8 * (i + 1)))..]);
        }

        return value[Limbs - 1] <= TopLimb;
    }

    /// <summary>Writes it into <see cref="Length"/> bytes, highest first.</summary>
    public readonly void Write(Span<byte> bytes)
    {
        for (var i = 0; i < Limbs; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes[(Length - (8 * (i + 1)))..], this[i]);
        }
    }

    /// <summary>Whether both are the same modulo p.</summary>
    public readonly bool Is(in Residue other)
    {
        var (left, right) = (this, other);
        left.Normalize();
        right.Normalize();
        return ((ReadOnlySpan<ulong>)left).SequenceEqual(right);
    }

    /// <summary>Makes it p - x.</summary>
    public void Negate()
    {
        for (var i = 0; i < Limbs; i++)
        {
            this[i] = ~this[i];
        }

        this[Limbs - 1] &= TopLimb;
    }

    /// <summary>Flips its lowest bit, whatever that makes of it: p - 1 becomes p.</summary>
    public void FlipLowestBit() => this[0] ^= 1;

    /// <summary>Makes it x^2 mod p, below p.</summary>
    public void Square()
    {
        Span<ulong> product = stackalloc ulong[2 * Limbs];
        Square(this, product);
        Fold(product, this);
        Normalize();
    }

    /// <summary>
    /// Column by column: what is at 64 * k is the sum of all x[i] * x[k - i], of which each but the middle one comes twice. A column has up to 20 products of 128 bits each, so that it is added up in
    /// three limbs. Compiled for good at once: the first check is to take no longer than the thousandth.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Square(ReadOnlySpan<ulong> x, Span<ulong> product)
    {
        ulong carry = 0, carryHigh = 0;
        for (var k = 0; k < (2 * Limbs) - 1; k++)
        {
            ulong low = 0, middle = 0, high = 0;
            var i = Math.Max(0, k - Limbs + 1);
            var j = k - i;
            for (; i < j; i++, j--)
            {
                var upper = Math.BigMul(x[i], x[j], out var lower);
                low += lower;
                upper += low < lower ? 1UL : 0;
                middle += upper;
                high += middle < upper ? 1UL : 0;
            }

            high = (high << 1) | (middle >> 63);
            middle = (middle << 1) | (low >> 63);
            low <<= 1;
            if (i == j)
            {
                var upper = Math.BigMul(x[i], x[i], out var lower);
                low += lower;
                upper += low < lower ? 1UL : 0;
                middle += upper;
                high += middle < upper ? 1UL : 0;
            }

            low += carry;
            var over = low < carry ? 1UL : 0;
            middle += over;
            high += middle < over ? 1UL : 0;
            middle += carryHigh;
            high += middle < carryHigh ? 1UL : 0;
            product[k] = low;
            carry = middle;
            carryHigh = high;
        }

        product[(2 * Limbs) - 1] = carry;
    }

    /// <summary>Adds what is above bit 1279 to what is below it, and the one bit that this may leave above to the lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fold(ReadOnlySpan<ulong> product, Span<ulong> x)
    {
        ulong carry = 0;
        for (var i = 0; i < Limbs; i++)
        {
            var below = i == Limbs - 1 ? product[i] & TopLimb : product[i];
            var above = (product[Limbs - 1 + i] >> 63) | (product[Limbs + i] << 1);
            var sum = below + carry;
            carry = sum < carry ? 1UL : 0;
            sum += above;
            carry += sum < above ? 1UL : 0;
            x[i] = sum;
        }

        var bit = x[Limbs - 1] >> 63;
        x[Limbs - 1] &= TopLimb;
        for (var i = 0; bit != 0; i++)
        {
            x[i] += bit;
            bit = x[i] == 0 ? 1UL : 0;
        }
    }

    private void Normalize()
    {
        // All bits set, which is p: hardly ever more than one limb is looked at.
        if (this[0] == ulong.MaxValue && this[Limbs - 1] == TopLimb && !((ReadOnlySpan<ulong>)this)[..(Limbs - 1)].ContainsAnyExcept(ulong.MaxValue))
        {
            this = default;
        }
    }
}
