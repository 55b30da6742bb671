using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Forwarding;

namespace Instancer.Gateway.Admin;

/// <summary>The other nodes of a cluster, asked over the port by which they pass clients on.</summary>
/// <param name="part">Knows which there are.</param>
/// <param name="client">Asks them.</param>
internal sealed class ClusterPeers(ClusterPart part, PeerClient client) : IPeers
{
    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => [.. part.Nodes.Where(info => !info.IsHere).Select(info => info.Name)];

    /// <inheritdoc/>
    public Task<NodeAnswer<IReadOnlyList<InstanceView>>> ListAsync(string node, CancellationToken cancellationToken) =>
        AskAsync(node, PeerKind.List, [], AdminJson.Default.IReadOnlyListInstanceView, cancellationToken);

    /// <inheritdoc/>
    public async Task<NodeAnswer<bool>> StopAsync(string node, InstanceKey key, CancellationToken cancellationToken)
    {
        var question = JsonSerializer.SerializeToUtf8Bytes(new PeerStop(key.ToString()), PeerJson.Default.PeerStop);
        var answer = await AskAsync(node, PeerKind.Stop, question, PeerJson.Default.PeerStopped, cancellationToken).ConfigureAwait(false);
        return new NodeAnswer<bool>(answer.Value?.Found == true, answer.Failure);
    }

    /// <inheritdoc/>
    public async Task<NodeAnswer<DateTimeOffset?>> ExtendAsync(string node, InstanceKey key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var question = JsonSerializer.SerializeToUtf8Bytes(new PeerExtend(key.ToString(), duration), PeerJson.Default.PeerExtend);
        var answer = await AskAsync(node, PeerKind.Extend, question, PeerJson.Default.PeerExtended, cancellationToken).ConfigureAwait(false);
        return new NodeAnswer<DateTimeOffset?>(answer.Value?.ExpiresAt, answer.Failure);
    }

    private async Task<NodeAnswer<T>> AskAsync<T>(string node, PeerKind kind, byte[] question, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (part.Nodes.FirstOrDefault(info => info.Name == node) is not { } info)
        {
            return new NodeAnswer<T>(null, $"{node} has left");
        }

        var outcome = await client.AskAsync(new NodeAddress(node, info.Advertise), new PeerQuestion(kind, question), cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return outcome is PeerOutcome.Answered answered
                ? new NodeAnswer<T>(JsonSerializer.Deserialize(answered.Json.Span, type), null)
                : new NodeAnswer<T>(null, ((PeerOutcome.Failed)outcome).Reason);
        }
        catch (JsonException)
        {
            return new NodeAnswer<T>(null, $"{node} gave an answer of another version");
        }
    }
}
