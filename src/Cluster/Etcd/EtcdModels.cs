using System.Text.Json;
using System.Text.Json.Serialization;

namespace Instancer.Cluster.Etcd;

// The parts of etcd's v3 API that are used, under the API's own names. Keys and values are base64, 64-bit numbers are strings,
// and what is zero or empty is left out.

internal sealed record VersionAnswer([property: JsonPropertyName("etcdserver")] string? Server);

internal sealed record AuthenticateRequest(string Name, string Password);

internal sealed record AuthenticateAnswer(string? Token);

internal sealed record GrantRequest([property: JsonPropertyName("TTL")] long Ttl);

internal sealed record LeaseRequest([property: JsonPropertyName("ID")] long Id);

internal sealed record LeaseAnswer(Header? Header, [property: JsonPropertyName("ID")] long Id, [property: JsonPropertyName("TTL")] long Ttl);

/// <summary>What comes as a stream, one object a line: either of the two.</summary>
internal sealed record Streamed<T>(T? Result, JsonElement? Error);

/// <param name="Revision">The store's revision.</param>
/// <param name="RaftTerm">Which election's leader the member follows: each has a number of its own.</param>
internal sealed record Header(long Revision, long RaftTerm);

internal sealed record RangeRequest(byte[] Key, byte[]? RangeEnd)
{
    public long? Limit { get; init; }
    public bool? KeysOnly { get; init; }
}

internal sealed record RangeReply(Header? Header, IReadOnlyList<KeyValueModel>? Kvs);

internal sealed record KeyValueModel(byte[]? Key, byte[]? Value, long CreateRevision, long ModRevision, long Lease);

internal sealed record TxnRequest(IReadOnlyList<CompareModel> Compare, IReadOnlyList<RequestOp> Success, IReadOnlyList<RequestOp> Failure);

internal sealed record CompareModel(string Target, byte[] Key)
{
    public string Result { get; init; } = "EQUAL";
    public long? CreateRevision { get; init; }
    public long? ModRevision { get; init; }
    public byte[]? Value { get; init; }
    public long? Lease { get; init; }
}

internal sealed record RequestOp
{
    public PutRequest? RequestPut { get; init; }
    public DeleteRangeRequest? RequestDeleteRange { get; init; }
    public RangeRequest? RequestRange { get; init; }
}

internal sealed record PutRequest(byte[] Key, byte[] Value, long Lease);

internal sealed record DeleteRangeRequest(byte[] Key, byte[]? RangeEnd);

internal sealed record TxnReply(Header? Header, bool Succeeded, IReadOnlyList<ResponseOp>? Responses);

internal sealed record ResponseOp(RangeReply? ResponseRange);

internal sealed record WatchRequest(WatchCreate CreateRequest);

internal sealed record WatchCreate(byte[] Key, byte[]? RangeEnd, long StartRevision, bool ProgressNotify);

internal sealed record WatchReply(Header? Header, bool Created, bool Canceled, long CompactRevision, string? CancelReason, IReadOnlyList<EventModel>? Events);

// Type: left out for a put, "DELETE" otherwise.
internal sealed record EventModel(string? Type, KeyValueModel? Kv);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    NumberHandling = JsonNumberHandling.AllowReadingFromString | JsonNumberHandling.WriteAsString,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VersionAnswer))]
[JsonSerializable(typeof(AuthenticateRequest))]
[JsonSerializable(typeof(AuthenticateAnswer))]
[JsonSerializable(typeof(GrantRequest))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseAnswer))]
[JsonSerializable(typeof(Streamed<LeaseAnswer>))]
[JsonSerializable(typeof(RangeRequest))]
[JsonSerializable(typeof(RangeReply))]
[JsonSerializable(typeof(TxnRequest))]
[JsonSerializable(typeof(TxnReply))]
[JsonSerializable(typeof(WatchRequest))]
[JsonSerializable(typeof(Streamed<WatchReply>))]
internal sealed partial class EtcdJson : JsonSerializerContext;
