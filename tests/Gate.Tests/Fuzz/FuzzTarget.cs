namespace Instancer.Gate.Tests.Fuzz;

/// <summary>A reader of a stranger's bytes.</summary>
/// <param name="Name">What it is called in a failure.</param>
/// <param name="Run">Has it read an input; throws if it does what it must not do.</param>
/// <param name="Samples">Inputs that it takes.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Run, params byte[][] Samples)
{
    /// <summary>The longest input that ever gets to it, in bytes: who reads the socket takes no more. Default: as long as they are made.</summary>
    public int Longest { get; init; } = Mutator.Longest;

    /// <summary>How much it may allocate for one input, in bytes, however long that is. Default: 16 KiB.</summary>
    public long MostAllocated { get; init; } = 16 * 1024;

    public override string ToString() => Name;
}
