namespace Instancer.Cluster.Etcd;

/// <summary>How long a member may take: until the request is sent, and in all.</summary>
internal sealed class Limit(TimeSpan untilSent, TimeSpan inAll, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _source = new(untilSent, time);
    private readonly long _started = time.GetTimestamp();

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The request is being sent: from now on the whole time counts.</summary>
    public void Sent()
    {
        var left = inAll - time.GetElapsedTime(_started);
        _source.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public void Dispose() => _source.Dispose();
}
