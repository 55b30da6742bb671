using Instancer.Actors.Registry;

namespace Instancer.Actors.Instances;

/// <summary>
/// What an instance holds of others, and what therefore outlives a restart of its actor: a new incarnation must wait for the call that
/// is under way, and give back what it does not need.
/// </summary>
internal sealed class InstanceHoldings
{
    /// <summary>Whether there was an incarnation before.</summary>
    public bool IsRestart { get; set; }

    /// <summary>Gives the call to the runtime up that is under way; null if none is. There is never a second call for one key.</summary>
    public CancellationTokenSource? Call { get; set; }

    /// <summary>Whether the registry has reserved room for a backend of this key.</summary>
    public bool HasRoom { get; set; }

    /// <summary>Whether this is a spare's.</summary>
    public bool IsSpare { get; set; }

    /// <summary>A spare's backend while it is being given to another instance.</summary>
    public Backend? HandedOver { get; set; }

    /// <summary>The spare that the start under way is to take; null if it takes none.</summary>
    public Spare? Spare { get; set; }

    /// <summary>Whether the key is to be given up as soon as nobody is served.</summary>
    public bool HandsBack { get; set; }

    /// <summary>The backend that is being left with its key, for the node's next life; null if none is.</summary>
    public string? Leaving { get; set; }

    /// <summary>Whether what is being left is to be removed all the same.</summary>
    public bool RemovesLeft { get; set; }

    /// <summary>Whether a claim of the key, or its being given up, is under way. There is never a second one.</summary>
    public bool AsksForKey { get; set; }

    /// <summary>Whether this node may own the key without this instance's knowing: an actor failed for good that did.</summary>
    public bool MayOwn { get; init; }

    /// <summary>For how long this node owns the key; null if it does not.</summary>
    public ITenure? Tenure { get; set; }
}
