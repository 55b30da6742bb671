using System.Text.Json;
using System.Text.Json.Serialization;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Forwarding;

namespace Instancer.Gateway.Admin;

/// <summary>Answers what operators ask of this node's instances through another node.</summary>
/// <param name="node">This node's name.</param>
internal sealed class PeerAnswers(string node)
{
    private readonly TaskCompletionSource<IInstanceDirectory> _instances = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From here on there are instances to ask for; a question that came before waits until then.</summary>
    public void Attach(IInstanceDirectory instances) => _instances.SetResult(instances);

    /// <summary>Answers a question.</summary>
    /// <exception cref="JsonException">The question is of another version, or has no key in it.</exception>
    public async Task<PeerAnswer> AnswerAsync(PeerQuestion question, CancellationToken cancellationToken)
    {
        var instances = await _instances.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new PeerAnswer(question.Kind switch
        {
            PeerKind.List => await ListAsync(instances, cancellationToken).ConfigureAwait(false),
            PeerKind.Stop => await StopAsync(instances, question.Json, cancellationToken).ConfigureAwait(false),
            PeerKind.Extend => await ExtendAsync(instances, question.Json, cancellationToken).ConfigureAwait(false),
            _ => throw new JsonException($"{question.Kind} is no question."),
        });
    }

    private async Task<byte[]> ListAsync(IInstanceDirectory instances, CancellationToken cancellationToken)
    {
        var all = await instances.ListAsync(cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToUtf8Bytes([.. all.Select(info => InstanceView.Of(node, info))], AdminJson.Default.IReadOnlyListInstanceView);
    }

    private static async Task<byte[]> StopAsync(IInstanceDirectory instances, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var stop = JsonSerializer.Deserialize(json.Span, PeerJson.Default.PeerStop);
        var found = await instances.StopAsync(KeyOf(stop?.Key), cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToUtf8Bytes(new PeerStopped(found), PeerJson.Default.PeerStopped);
    }

    private static async Task<byte[]> ExtendAsync(IInstanceDirectory instances, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var extend = JsonSerializer.Deserialize(json.Span, PeerJson.Default.PeerExtend);
        var end = await instances.ExtendAsync(KeyOf(extend?.Key), extend!.Duration, cancellationToken).ConfigureAwait(false);
        return JsonSerializer.SerializeToUtf8Bytes(new PeerExtended(end), PeerJson.Default.PeerExtended);
    }

    private static InstanceKey KeyOf(string? text) => InstanceKey.TryParse(text, out var key) ? key : throw new JsonException("The question has no key in it.");
}

/// <summary>Stop an instance.</summary>
/// <param name="Key">Its key.</param>
internal sealed record PeerStop(string Key);

/// <summary>It is gone.</summary>
/// <param name="Found">Whether there was one.</param>
internal sealed record PeerStopped(bool Found);

/// <summary>Let an instance live longer.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Duration">By how much.</param>
internal sealed record PeerExtend(string Key, TimeSpan Duration);

/// <summary>It does.</summary>
/// <param name="ExpiresAt">Until when; null if there is none with a backend.</param>
internal sealed record PeerExtended(DateTimeOffset? ExpiresAt);

/// <summary>What nodes tell each other for operators. Members that a later version adds are passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PeerStop))]
[JsonSerializable(typeof(PeerStopped))]
[JsonSerializable(typeof(PeerExtend))]
[JsonSerializable(typeof(PeerExtended))]
internal sealed partial class PeerJson : JsonSerializerContext;
