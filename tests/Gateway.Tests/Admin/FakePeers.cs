using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Gateway.Admin;

namespace Instancer.Gateway.Tests.Admin;

/// <summary>Nodes that are not there, with instances that are not there. One of them may hang, and another may refuse.</summary>
internal sealed class FakePeers : IPeers
{
    public SortedDictionary<string, FakeDirectory> Nodes { get; } = [];

    /// <summary>Takes every question and never answers.</summary>
    public HashSet<string> Hanging { get; } = [];

    /// <summary>Cannot be reached.</summary>
    public HashSet<string> Gone { get; } = [];

    public IReadOnlyCollection<string> Names => Nodes.Keys;

    public Task<NodeAnswer<IReadOnlyList<InstanceView>>> ListAsync(string node, CancellationToken cancellationToken) => AskAsync<IReadOnlyList<InstanceView>>(
        node, async there => [.. (await there.ListAsync(cancellationToken)).Select(info => InstanceView.Of("as it says itself", info))], cancellationToken);

    public Task<NodeAnswer<bool>> StopAsync(string node, InstanceKey key, CancellationToken cancellationToken) =>
        AskAsync(node, there => there.StopAsync(key, cancellationToken), cancellationToken);

    public Task<NodeAnswer<DateTimeOffset?>> ExtendAsync(string node, InstanceKey key, TimeSpan duration, CancellationToken cancellationToken) =>
        AskAsync(node, there => there.ExtendAsync(key, duration, cancellationToken), cancellationToken);

    private async Task<NodeAnswer<T>> AskAsync<T>(string node, Func<IInstanceDirectory, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (Hanging.Contains(node))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return Gone.Contains(node) ? new NodeAnswer<T>(default, "connection refused") : new NodeAnswer<T>(await ask(Nodes[node]), null);
    }
}
