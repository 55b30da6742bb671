using System.Text;

namespace Instancer.Gate.Tests.Fuzz;

/// <summary>The fuzzer finds what it is there to find.</summary>
public sealed class FuzzerTests
{
    private const long Enough = 100_000;
    private static readonly byte[] Sample = Encoding.ASCII.GetBytes("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nhello");

    [Fact]
    public void An_exception_is_found_and_its_input_made_small()
    {
        var target = new FuzzTarget("planted", input => _ = input.AsSpan().IndexOf("TCP4 9"u8) >= 0 ? throw new InvalidOperationException("planted") : 0, Sample);

        var found = Assert.Throws<FuzzException>(() => Fuzzer.Run(target, Enough, seed: 1));

        Assert.Contains("planted", found.Message, StringComparison.Ordinal);
        Assert.Contains($"at 6 bytes, {Convert.ToHexString("TCP4 9"u8)}\n", found.Message, StringComparison.Ordinal);
        Assert.Contains("seed 1", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_grows_with_its_input_is_found()
    {
        var target = new FuzzTarget("planted", input => _ = Encoding.Latin1.GetString(input), Sample);

        var found = Assert.Throws<FuzzException>(() => Fuzzer.Run(target, Enough, seed: 1));

        Assert.Contains("allocated", found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_makes_the_same_inputs_and_another_one_others()
    {
        Assert.Equal(Some(seed: 1), Some(seed: 1));
        Assert.NotEqual(Some(seed: 1), Some(seed: 2));
    }

    [Fact]
    public void Inputs_are_changed_samples_random_bytes_and_long_ones()
    {
        var mutator = new Mutator(1, [Sample]);
        var inputs = Enumerable.Range(0, 20_000).Select(_ => mutator.Next()).ToList();

        Assert.Contains(inputs, input => input.Length > 64 * 1024);
        Assert.Contains(inputs, input => input.Length == 0);
        Assert.Contains(inputs, input => input.Length == Sample.Length && input.Zip(Sample).Count(pair => pair.First != pair.Second) == 1);
        Assert.Contains(inputs, input => input.Length < Sample.Length && Sample.AsSpan().StartsWith(input));
        Assert.True(inputs.Select(Convert.ToHexString).Distinct().Count() > 8_000);
    }

    private static List<byte[]> Some(ulong seed)
    {
        var mutator = new Mutator(seed, [Sample]);
        return [.. Enumerable.Range(0, 100).Select(_ => mutator.Next())];
    }
}
