using Instancer.TestKit.Cluster;

namespace Instancer.EndToEnd.Loopback;

/// <summary>The etcd of a class of tests with nodes on this host.</summary>
public sealed class LoopbackStore : IAsyncLifetime
{
    private EtcdCluster? _etcd;

    internal EtcdCluster Etcd => _etcd ?? throw new InvalidOperationException("There is no etcd here.");

    public async Task InitializeAsync()
    {
        if (EtcdCluster.Obstacle is null)
        {
            _etcd = await EtcdCluster.StartAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_etcd is not null)
        {
            await _etcd.DisposeAsync();
        }
    }
}
