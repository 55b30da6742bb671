using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Work;

namespace Instancer.Gate.Tests.Work;

public sealed class ResidueTests
{
    // Numbers of the kinds that carries go wrong with: long runs of ones and of zeros, and whatever else there is.
    private static readonly Arbitrary<BigInteger> Numbers = Gen.Choose(0, 2).SelectMany(kind => kind == 2
        ? Gen.Choose(0, 255).ArrayOf(160).Select(bytes => new BigInteger([.. bytes.Select(b => (byte)b)], isUnsigned: true) & Reckoned.P)
        : Gen.Elements<byte>(0, 255, 1, 128).ArrayOf(160).Select(bytes => new BigInteger(bytes, isUnsigned: true) & Reckoned.P)).ToArbitrary();

    [Fact]
    public void A_square_is_what_it_is_by_definition()
        => Prop.ForAll(Numbers, number =>
        {
            var residue = Reckoned.Of(number);
            residue.Square();
            return Reckoned.Number(residue) == BigInteger.ModPow(number, 2, Reckoned.P);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void So_are_the_squares_next_to_the_modulus_and_to_each_power_of_two()
    {
        List<BigInteger> numbers = [.. Enumerable.Range(0, 4).Select(i => Reckoned.P - i)];
        numbers.AddRange(Enumerable.Range(0, Residue.Bits).SelectMany(bit => new[] { BigInteger.One << bit, (BigInteger.One << bit) - 1, Reckoned.P - (BigInteger.One << bit) }));
        foreach (var number in numbers)
        {
            var residue = Reckoned.Of(number);
            residue.Square();
            Assert.Equal(BigInteger.ModPow(number, 2, Reckoned.P), Reckoned.Number(residue));
        }
    }

    [Fact]
    public void The_negative_and_the_flipped_bit_are_what_they_are_by_definition()
        => Prop.ForAll(Numbers, number =>
        {
            var negative = Reckoned.Of(number);
            negative.Negate();
            var flipped = Reckoned.Of(number);
            flipped.FlipLowestBit();
            return Reckoned.Number(negative) == Reckoned.P - number && Reckoned.Number(flipped) == (number ^ 1);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Equal_is_what_is_equal_modulo_p()
    {
        Assert.True(Reckoned.Of(Reckoned.P).Is(default));
        Assert.True(default(Residue).Is(Reckoned.Of(Reckoned.P)));
        Assert.False(Reckoned.Of(Reckoned.P - 1).Is(default));
        Assert.False(Reckoned.Of(BigInteger.One << 1278).Is(default));
        Assert.True(Residue.From(UInt128.MaxValue).Is(Reckoned.Of((BigInteger.One << 128) - 1)));
    }

    [Fact]
    public void A_number_of_1279_bits_is_read_and_none_of_more()
    {
        Assert.True(Residue.TryRead(Reckoned.Bytes(Reckoned.P), out var residue));
        Assert.Equal(Reckoned.P, Reckoned.Number(residue));
        Assert.True(Residue.TryRead([0, 0, 0, .. Reckoned.Bytes(Reckoned.P)], out _));
        Assert.False(Residue.TryRead(Reckoned.Bytes(Reckoned.P + 1), out _));
        Assert.False(Residue.TryRead(Reckoned.Bytes(BigInteger.One << 1280), out _));
        Assert.True(Residue.TryRead([], out var zero));
        Assert.True(zero.Is(default));
    }
}
