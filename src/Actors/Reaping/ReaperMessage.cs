using System.Collections.Immutable;

namespace Instancer.Actors.Reaping;

/// <summary>What a <see cref="ReaperActor"/> takes.</summary>
internal abstract record ReaperMessage
{
    /// <summary>Time to measure.</summary>
    public sealed record Tick : ReaperMessage;

    /// <summary>The registry's instances, and what its waiting starts lack.</summary>
    public sealed record Survey(ImmutableArray<Candidate> Candidates, RoomDemand Demand) : ReaperMessage;
}
