namespace Instancer.Actors.Registry;

/// <summary>Who owns an instance key, and where it is. One node owns every key; a cluster asks its store.</summary>
public interface IKeyOwnership
{
    /// <summary>Makes this node the key's owner, unless another node is or is to be.</summary>
    /// <param name="key">The key.</param>
    /// <param name="hereOnly">Whether no other node may be chosen for a key that nobody owns: another has chosen this one already, or the backend is here.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken);

    /// <summary>Gives the key up, once its backend is gone or will not be served from here any more. A key that is not owned is a success.</summary>
    ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken);

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
}
