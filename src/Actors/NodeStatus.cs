using System.Collections.Concurrent;

namespace Instancer.Actors;

/// <summary>What is known of a node from any thread.</summary>
internal sealed class NodeStatus
{
    private readonly ConcurrentDictionary<string, int> _instances = [];
    private volatile bool _adopted;
    private volatile bool _draining;

    /// <summary>Whether the node serves: it has looked for what was there before and does not stop.</summary>
    public bool IsReady => _adopted && !_draining;

    /// <summary>How many instances of a challenge have or get a backend.</summary>
    public int InstancesOf(string challenge) => _instances.GetValueOrDefault(challenge);

    public void NoteInstances(string challenge, int count) => _instances[challenge] = count;

    public void NoteAdopted() => _adopted = true;

    public void NoteDraining() => _draining = true;
}
