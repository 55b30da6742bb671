using Instancer.Actors.Instances;

namespace Instancer.Actors.Registry;

/// <summary>
/// One question to a runtime for what it has. The answer is as old as some moment between question and answer: so it says nothing about
/// instances that came or went meanwhile.
/// </summary>
internal sealed class Listing(IInstanceRuntime runtime, IReadOnlyDictionary<InstanceKey, string> expected)
{
    public IInstanceRuntime Runtime => runtime;

    /// <summary>The backends that ran when the question was asked.</summary>
    public IReadOnlyDictionary<InstanceKey, string> Expected => expected;

    /// <summary>The keys whose instance went since.</summary>
    public HashSet<InstanceKey> Retired { get; } = [];
}
