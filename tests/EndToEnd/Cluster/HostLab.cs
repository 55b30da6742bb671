using System.Net;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Cluster;

/// <summary>The collection runs by itself: what is measured in leases has no room for the load of others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostCollection : ICollectionFixture<HostLab>
{
    public const string Name = "hosts";
}

/// <summary>A host: its own network, and its own engine.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Address">Where the others, and the tests, reach it.</param>
/// <param name="Engine">Its engine.</param>
internal sealed record LabHost(string Name, IPAddress Address, EngineApi Engine);

/// <summary>Three hosts with an engine each, and an etcd of three members on a fourth. One for all tests of the collection.</summary>
public sealed class HostLab : IAsyncLifetime
{
    private readonly List<DockerDaemon> _daemons = [];
    private LabNetwork? _network;
    private EtcdCluster? _store;

    internal LabNetwork Network => _network ?? throw new InvalidOperationException("The laboratory has not started.");

    internal EtcdCluster Store => _store ?? throw new InvalidOperationException("The laboratory has not started.");

    internal IReadOnlyList<LabHost> Hosts { get; private set; } = [];

    public async Task InitializeAsync()
    {
        if (HostsFactAttribute.Obstacle is { } obstacle)
        {
            // All tests are skipped then, but in CI.
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", obstacle);
            return;
        }

        try
        {
            await DockerDaemon.SweepStrayAsync();
            _network = await LabNetwork.StartAsync();
            var store = EtcdCluster.StartAsync(new EtcdHost(_network.Enter(LabNetwork.Store), _network.StoreAddresses));
            Hosts = await Task.WhenAll(LabNetwork.Hosts.Select(StartAsync));
            _store = await store;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var host in Hosts)
        {
            host.Engine.Dispose();
        }

        await Task.WhenAll(_daemons.Select(daemon => daemon.DisposeAsync().AsTask()));
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        if (_network is not null)
        {
            await _network.DisposeAsync();
        }
    }

    private async Task<LabHost> StartAsync(string name)
    {
        var daemon = await DockerDaemon.StartElsewhereAsync(Network.Inhabit(name));
        lock (_daemons)
        {
            _daemons.Add(daemon);
        }

        var engine = new EngineApi(daemon.Host);
        await TestImages.BuildAsync(engine);
        return new LabHost(name, Network.AddressOf(name), engine);
    }
}
