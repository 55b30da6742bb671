using Instancer.Actors.Instances;

namespace Instancer.Actors.Registry;

/// <summary>Who owns an instance key, and where it is. One node owns every key; a cluster asks its store.</summary>
public interface IKeyOwnership
{
    /// <summary>Makes this node the key's owner unless another node is.</summary>
    ValueTask<KeyOwner> ClaimAsync(InstanceKey key, CancellationToken cancellationToken);

    /// <summary>Gives the key up, once its backend is gone. A key that is not owned is a success.</summary>
    ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken);
}

/// <summary>Who owns a key.</summary>
public abstract record KeyOwner
{
    /// <summary>This node.</summary>
    public sealed record Here : KeyOwner
    {
        /// <summary>The one value.</summary>
        public static Here Instance { get; } = new();
    }

    /// <summary>Another node, or nobody can tell now.</summary>
    /// <param name="Address">Where connections for the key are to be dialled; null if it cannot be told, and they are to be closed.</param>
    /// <param name="Reason">One line for the log.</param>
    public sealed record Elsewhere(BackendAddress? Address, string Reason) : KeyOwner;
}
