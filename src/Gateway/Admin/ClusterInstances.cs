using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Admin;

/// <summary>The instances of all nodes, as one node shows and manages them for operators.</summary>
/// <param name="node">This node's name.</param>
/// <param name="here">Its own instances.</param>
/// <param name="peers">The other nodes.</param>
/// <param name="time">The clock of their time-out.</param>
internal sealed class ClusterInstances(string node, IInstanceDirectory here, IPeers peers, TimeProvider time)
{
    /// <summary>How long the others may take to say what they have. An operator waits, so a node that hangs is soon named and left out.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The instances of this node.</summary>
    public async Task<IReadOnlyList<InstanceView>> ListHereAsync(CancellationToken cancellationToken) =>
        [.. (await here.ListAsync(cancellationToken).ConfigureAwait(false)).Select(info => InstanceView.Of(node, info))];

    /// <summary>The instances of all nodes that answer.</summary>
    public async Task<ClusterAnswer<IReadOnlyList<InstanceView>>> ListAsync(CancellationToken cancellationToken)
    {
        var asking = Task.WhenAll(peers.Names.Select(name => ListAsync(name, cancellationToken)));
        var views = await ListHereAsync(cancellationToken).ConfigureAwait(false);
        var answers = await asking.ConfigureAwait(false);
        return new ClusterAnswer<IReadOnlyList<InstanceView>>(
            [.. views, .. answers.SelectMany(answer => answer.Views ?? [])],
            [.. answers.Where(answer => answer.Views is null).Select(answer => answer.Node)]);
    }

    /// <summary>Stops an instance, whichever node has it, and ends when its backend is gone; false if no node that answers has it.</summary>
    public async Task<ClusterAnswer<bool>> StopAsync(InstanceKey key, CancellationToken cancellationToken) =>
        await here.StopAsync(key, cancellationToken).ConfigureAwait(false)
            ? new ClusterAnswer<bool>(true, [])
            : await AskOwnerAsync(key, owner => peers.StopAsync(owner, key, cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <summary>Adds to an instance's time to live, whichever node has it; the new end of it, or null if no node that answers has it with a backend.</summary>
    public async Task<ClusterAnswer<DateTimeOffset?>> ExtendAsync(InstanceKey key, TimeSpan duration, CancellationToken cancellationToken) =>
        await here.ExtendAsync(key, duration, cancellationToken).ConfigureAwait(false) is { } end
            ? new ClusterAnswer<DateTimeOffset?>(end, [])
            : await AskOwnerAsync(key, owner => peers.ExtendAsync(owner, key, duration, cancellationToken), cancellationToken).ConfigureAwait(false);

    // Not under the same short time-out: an owner that has said what it has may take its time to remove a backend.
    private async Task<ClusterAnswer<T>> AskOwnerAsync<T>(InstanceKey key, Func<string, Task<PeerAnswer<T>>> ask, CancellationToken cancellationToken)
    {
        var text = key.ToString();
        var answers = await Task.WhenAll(peers.Names.Select(name => ListAsync(name, cancellationToken))).ConfigureAwait(false);
        var owner = answers.FirstOrDefault(answer => answer.Views?.Any(view => view.Key == text) == true).Node;
        if (owner is null)
        {
            return new ClusterAnswer<T>(default, [.. answers.Where(answer => answer.Views is null).Select(answer => answer.Node)]);
        }

        var done = await ask(owner).ConfigureAwait(false);
        return done.Failure is null ? new ClusterAnswer<T>(done.Value, []) : new ClusterAnswer<T>(default, [owner]);
    }

    private async Task<(string Node, IReadOnlyList<InstanceView>? Views)> ListAsync(string peer, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            var answer = await peers.ListAsync(peer, either.Token).ConfigureAwait(false);
            return (peer, answer.Failure is null ? [.. answer.Value!.Select(view => view with { Node = peer })] : null);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (peer, null);
        }
    }
}

/// <summary>What the cluster answered.</summary>
/// <param name="Value">The answer of the nodes that gave one.</param>
/// <param name="Unanswered">The nodes that gave none, by their names.</param>
internal readonly record struct ClusterAnswer<T>(T? Value, IReadOnlyList<string> Unanswered);
