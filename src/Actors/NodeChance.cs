using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors;

/// <summary>What is left to chance or choice in a node, and what a simulation decides itself.</summary>
internal sealed record NodeChance
{
    /// <summary>Which mailbox runs next, and on which thread.</summary>
    public Dispatcher Dispatcher { get; init; } = new ThreadPoolDispatcher();

    /// <summary>The stand-in for a token where a challenge asks for none.</summary>
    public Func<TokenHash> NewToken { get; init; } = TokenHash.Random;

    /// <summary>The reaper's choice.</summary>
    public ReaperChoice Choose { get; init; } = ReaperPolicy.Choose;
}
