namespace Instancer.Actors;

/// <summary>What is known of a node from any thread.</summary>
internal sealed class NodeStatus
{
    private volatile bool _adopted;
    private volatile bool _draining;

    /// <summary>Whether the node serves: it has looked for what was there before and does not stop.</summary>
    public bool IsReady => _adopted && !_draining;

    public void NoteAdopted() => _adopted = true;

    public void NoteDraining() => _draining = true;
}
