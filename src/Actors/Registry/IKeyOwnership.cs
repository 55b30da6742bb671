namespace Instancer.Actors.Registry;

/// <summary>Who owns an instance key, and where it is. One node owns every key; a cluster asks its store.</summary>
public interface IKeyOwnership
{
    /// <summary>Makes this node the key's owner, unless another node is or is to be.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hereOnly">Whether no other node may be chosen for a key that nobody owns: another has chosen this one already.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken);

    /// <summary>
    /// Makes this node the owner again of a key that it left with a backend, unless anybody has had the key, or has reset its token, since: then the backend is not the key's any more.
    /// </summary>
    ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken);

    /// <summary>Gives the key up, once its backend is gone. A key that is not owned is a success.</summary>
    ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken);

    /// <summary>Gives the key up with a backend that stays, for the node's next life to <see cref="ReclaimAsync"/>. If that cannot be written down, the key is given up all the same.</summary>
    ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken);

    /// <summary>
    /// Has every other node remove the backends that it has of a token when this is called, and ends when they are gone: null, or in one line why that is not certain.
    /// </summary>
    ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken);
}

/// <summary>Who owns a key.</summary>
public abstract record KeyOwner
{
    /// <summary>This node.</summary>
    /// <param name="Tenure">For how long.</param>
    public sealed record Here(ITenure Tenure) : KeyOwner;

    /// <summary>Another node, or nobody can tell now.</summary>
    /// <param name="Node">Where connections for the key are to be passed on to; null if it cannot be told.</param>
    /// <param name="Reason">One line for the log.</param>
    public sealed record Elsewhere(NodeAddress? Node, string Reason) : KeyOwner;

    /// <summary>Nobody, and a backend that was left with the key is not to be served any more.</summary>
    /// <param name="Reason">One line for the log.</param>
    public sealed record Superseded(string Reason) : KeyOwner;
}
