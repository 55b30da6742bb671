using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Instancer.Cluster.Etcd;

/// <summary>A request that can be sent to one member after another.</summary>
/// <param name="Path">Below the member's URL.</param>
/// <param name="Body">JSON.</param>
/// <param name="IsRepeatable">Whether it does no harm to carry it out twice.</param>
internal sealed record EtcdRequest(string Path, byte[] Body, bool IsRepeatable)
{
    public static EtcdRequest Of<T>(string path, T body, JsonTypeInfo<T> type, bool isRepeatable) =>
        new(path, JsonSerializer.SerializeToUtf8Bytes(body, type), isRepeatable);
}

/// <summary>A body that tells when the first of it is sent: until then nobody can have carried out what it asks for.</summary>
internal sealed class TrackedBody : HttpContent
{
    private readonly byte[] _body;
    private readonly Action _sending;

    public TrackedBody(byte[] body, Action sending)
    {
        (_body, _sending) = (body, sending);
        Headers.ContentType = new("application/json");
    }

    public bool IsSent { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsSent = true;
        _sending();
        await stream.WriteAsync(_body, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
