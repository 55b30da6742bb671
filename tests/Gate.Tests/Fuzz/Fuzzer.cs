using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;

namespace Instancer.Gate.Tests.Fuzz;

/// <summary>Has a reader read very many inputs, and what it does wrong FsCheck makes small.</summary>
internal static class Fuzzer
{
    /// <summary>How long one input may take: much longer than a machine that is busy with other things may hold a test up, and much shorter than what goes on for ever.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Runs <paramref name="count"/> inputs.</summary>
    /// <param name="target">The reader.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Where the inputs begin.</param>
    /// <exception cref="FuzzException">An input was found that it must not fail at; the message has it.</exception>
    public static void Run(FuzzTarget target, long count, ulong seed)
    {
        foreach (var sample in target.Samples)
        {
            Try(target, sample);
        }

        var mutator = new Mutator(seed, target.Samples);
        for (var i = 0L; i < count; i++)
        {
            var input = mutator.Next();
            if (Problem(target, Cut(target, input)) is not null)
            {
                Shrink(target, input, seed);
            }
        }
    }

    /// <summary>The inputs of a target as FsCheck makes and shrinks them, for a property of its own.</summary>
    public static Arbitrary<byte[]> Inputs(FuzzTarget target) =>
        Arb.From(ArbMap.Default.GeneratorFor<int>().Select(seed => Cut(target, new Mutator((ulong)seed, target.Samples).Next())), Smaller);

    private static void Try(FuzzTarget target, byte[] input)
    {
        if (Problem(target, input) is { } problem)
        {
            throw new FuzzException($"{target.Name}: {problem}\nat {Text(input)}, which is a sample.");
        }
    }

    private static void Shrink(FuzzTarget target, byte[] input, ulong seed)
    {
        var found = Cut(target, input);
        var smallest = found;
        var property = Prop.ForAll(Arb.From(Gen.Constant(found), Smaller), candidate =>
        {
            // FsCheck goes on from each one that fails, so the last of them is the smallest.
            var fails = Problem(target, candidate) is not null;
            smallest = fails ? candidate : smallest;
            return !fails;
        });
        Check.One(Config.Quick.WithMaxTest(1).WithRunner(new SilentRunner()), property);
        throw new FuzzException($"{target.Name}: {Problem(target, smallest) ?? Problem(target, found)}\nat {Text(smallest)}\nfound as {Text(found)}, seed {seed}");
    }

    // What a reader sets up once, or the compiler while it runs, is not the input's: that is not allocated again.
    private static string? Problem(FuzzTarget target, byte[] input) => ProblemOnce(target, input) is null ? null : ProblemOnce(target, input);

    private static string? ProblemOnce(FuzzTarget target, byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        try
        {
            target.Run(input);
        }
        catch (Exception e)
        {
            return e.ToString();
        }

        var took = Stopwatch.GetElapsedTime(start);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return took > Longest ? $"it took {took}"
            : allocated > target.MostAllocated ? $"it allocated {allocated} bytes, and that is more than {target.MostAllocated}"
            : null;
    }

    private static byte[] Cut(FuzzTarget target, byte[] input) => input.Length <= target.Longest ? input : input[..target.Longest];

    /// <summary>Without a part, the largest first; then with simpler bytes.</summary>
    private static IEnumerable<byte[]> Smaller(byte[] input)
    {
        for (var part = input.Length; part > 0; part /= 2)
        {
            for (var at = 0; at + part <= input.Length; at += part)
            {
                yield return [.. input.AsSpan(0, at), .. input.AsSpan(at + part)];
            }
        }

        for (var at = 0; at < Math.Min(input.Length, 4096); at++)
        {
            foreach (var simple in "\0A"u8.ToArray())
            {
                if (input[at] > simple)
                {
                    byte[] simpler = [.. input];
                    simpler[at] = simple;
                    yield return simpler;
                }
            }
        }
    }

    private static string Text(byte[] input) =>
        input.Length <= 2048 ? $"{input.Length} bytes, {Convert.ToHexString(input)}" : $"{input.Length} bytes that begin with {Convert.ToHexString(input.AsSpan(0, 2048))}";

    /// <summary>Says nothing: what was found is said in the exception.</summary>
    private sealed class SilentRunner : IRunner
    {
        public void OnStartFixture(Type t)
        {
        }

        public void OnArguments(int ntest, Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<int, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string>> every)
        {
        }

        public void OnShrink(Microsoft.FSharp.Collections.FSharpList<object> args, Microsoft.FSharp.Core.FSharpFunc<Microsoft.FSharp.Collections.FSharpList<object>, string> everyShrink)
        {
        }

        public void OnFinished(string name, TestResult testResult)
        {
        }
    }
}

/// <summary>A reader did with an input what it must not do.</summary>
public sealed class FuzzException(string message) : Exception(message);
