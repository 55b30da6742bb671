using Instancer.TestKit.Cluster;

namespace Instancer.EndToEnd.Loopback;

/// <summary>The etcd that the tests of nodes on one host share, one test after another.</summary>
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

/// <summary>The tests that share it.</summary>
[CollectionDefinition(Name)]
public sealed class LoopbackCollection : ICollectionFixture<LoopbackStore>
{
    public const string Name = "loopback";
}
