using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Instancer.Gate.Tests.Fuzz;

/// <summary>
/// No reader of a stranger's bytes lets an exception escape, keeps what grows with its input, or goes on for ever. The environment says how many inputs there are over all readers, and where
/// they begin: <c>INSTANCER_FUZZ_INPUTS</c> (200,000) and <c>INSTANCER_FUZZ_SEED</c> (another one each time).
/// </summary>
public sealed class FuzzTests
{
    private const long OrdinaryInputs = 200_000;

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_reader_stands_whatever_it_is_sent(string name) =>
        Fuzzer.Run(Target(name), Setting("INSTANCER_FUZZ_INPUTS", OrdinaryInputs) / FuzzTargets.All.Count, (ulong)Setting("INSTANCER_FUZZ_SEED", Random.Shared.NextInt64()));

    [Theory, MemberData(nameof(Names))]
    public void A_reader_stands_before_what_FsCheck_makes_of_its_samples(string name) =>
        Prop.ForAll(Fuzzer.Inputs(Target(name)), Target(name).Run).QuickCheckThrowOnFailure();

    [Fact]
    public void Every_reader_has_a_name_of_its_own_and_samples()
    {
        Assert.Equal(FuzzTargets.All.Count, FuzzTargets.All.Select(target => target.Name).Distinct().Count());
        Assert.All(FuzzTargets.All, target => Assert.NotEmpty(target.Samples));
    }

    private static FuzzTarget Target(string name) => FuzzTargets.All.Single(target => target.Name == name);

    private static long Setting(string name, long otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
