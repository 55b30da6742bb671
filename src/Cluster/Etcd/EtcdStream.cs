namespace Instancer.Cluster.Etcd;

/// <summary>An answer of a member that comes line by line.</summary>
internal sealed class EtcdStream(EtcdEndpoint endpoint, HttpResponseMessage response, Stream body) : IDisposable
{
    private readonly StreamReader _lines = new(body);

    /// <summary>Who answers.</summary>
    public EtcdEndpoint Endpoint => endpoint;

    /// <summary>The next line; null at the end.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public async Task<string?> ReadLineAsync(CancellationToken cancellationToken) => await _lines.ReadLineAsync(cancellationToken);

    public void Dispose()
    {
        _lines.Dispose();
        response.Dispose();
    }
}
