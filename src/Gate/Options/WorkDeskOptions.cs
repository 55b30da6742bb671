namespace Instancer.Gate.Options;

/// <summary>What a node spends on checking proofs of work, of all challenges together.</summary>
internal sealed record WorkDeskOptions
{
    /// <summary>The share of one CPU, above 0, at most 1. An answer at difficulty 5000 takes about 2.3 ms: a quarter of a CPU is a hundred of them a second. Default: 0.25.</summary>
    public double Share { get; init; } = 0.25;

    /// <summary>How many answers may wait for their check; more are turned away. At least 1. Default: 256.</summary>
    public int Waiting { get; init; } = 256;
}
