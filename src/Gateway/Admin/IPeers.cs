using Instancer.Actors;

namespace Instancer.Gateway.Admin;

/// <summary>The other nodes of the cluster, asked for operators. A node that does not answer is a value; a cancelled call throws <see cref="OperationCanceledException"/>.</summary>
internal interface IPeers
{
    /// <summary>Their names, as far as they are known now.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <summary>The instances that a node has.</summary>
    Task<PeerAnswer<IReadOnlyList<InstanceView>>> ListAsync(string node, CancellationToken cancellationToken);

    /// <summary>Has a node stop an instance, to its end; false if it has none of that key.</summary>
    Task<PeerAnswer<bool>> StopAsync(string node, InstanceKey key, CancellationToken cancellationToken);

    /// <summary>Has a node add to an instance's time to live; the new end of it, or null if it has none of that key with a backend.</summary>
    Task<PeerAnswer<DateTimeOffset?>> ExtendAsync(string node, InstanceKey key, TimeSpan duration, CancellationToken cancellationToken);
}

/// <summary>What a node answered.</summary>
/// <param name="Value">The answer, if there is one.</param>
/// <param name="Failure">Why there is none, in one line; null if there is.</param>
internal readonly record struct PeerAnswer<T>(T? Value, string? Failure);

/// <summary>The other nodes of a node that is alone.</summary>
internal sealed class NoPeers : IPeers
{
    private NoPeers()
    {
    }

    /// <summary>The one value.</summary>
    public static NoPeers Instance { get; } = new();

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => [];

    /// <inheritdoc/>
    public Task<PeerAnswer<IReadOnlyList<InstanceView>>> ListAsync(string node, CancellationToken cancellationToken) => throw Nobody(node);

    /// <inheritdoc/>
    public Task<PeerAnswer<bool>> StopAsync(string node, InstanceKey key, CancellationToken cancellationToken) => throw Nobody(node);

    /// <inheritdoc/>
    public Task<PeerAnswer<DateTimeOffset?>> ExtendAsync(string node, InstanceKey key, TimeSpan duration, CancellationToken cancellationToken) => throw Nobody(node);

    private static InvalidOperationException Nobody(string node) => new($"A node that is alone was to ask {node}.");
}
