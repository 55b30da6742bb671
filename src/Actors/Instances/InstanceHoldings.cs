namespace Instancer.Actors.Instances;

/// <summary>
/// What an instance holds of others, and what therefore outlives a restart of its actor: a new incarnation must wait for the call that
/// is under way, and give back what it does not need.
/// </summary>
internal sealed class InstanceHoldings
{
    /// <summary>Whether there was an incarnation before.</summary>
    public bool IsRestart { get; set; }

    /// <summary>Whether the runtime has been called and has not answered; there is never a second call for one key.</summary>
    public bool IsCallUnderWay { get; set; }

    /// <summary>Gives the start that is under way up.</summary>
    public CancellationTokenSource? Start { get; set; }

    /// <summary>Whether the registry has reserved room for a backend of this key.</summary>
    public bool HasRoom { get; set; }

    /// <summary>Whether this node owns the key.</summary>
    public bool IsOwner { get; set; }
}
