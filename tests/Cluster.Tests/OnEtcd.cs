using System.Globalization;
using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.Cluster.Tests;

/// <summary>One member, for the tests of a class.</summary>
public sealed class EtcdFixture : IAsyncLifetime
{
    private EtcdCluster? _cluster;

    internal EtcdCluster Cluster => _cluster ?? throw new InvalidOperationException("The fixture has not started.");

    public async Task InitializeAsync() => _cluster = EtcdCluster.Obstacle is { } obstacle
        ? throw new InvalidOperationException($"The tests need etcd: {obstacle}.")
        : await EtcdCluster.StartAsync();

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }
    }
}

/// <summary>The conformance tests on the real one.</summary>
public sealed class EtcdConformanceTests(EtcdFixture fixture) : StoreConformance, IClassFixture<EtcdFixture>
{
    private EtcdStore? _store;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _store?.Dispose();
    }

    private protected override Task<IKeyValueStore> OpenAsync()
    {
        // A machine that is busy with other tests is no reason to fail.
        _store = new EtcdStore(fixture.Cluster.Options with { Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System);
        return Task.FromResult<IKeyValueStore>(_store);
    }

    private protected override Task EventuallyAsync(Func<Task<bool>> condition, string stated) => Until.TrueAsync(condition, stated: stated);

    private protected override async Task CompactAsync(long revision)
    {
        using var http = new HttpClient();
        var body = string.Create(CultureInfo.InvariantCulture, $$"""{"revision":"{{revision}}"}""");
        using var answer = await http.PostAsync(new Uri(fixture.Cluster.Endpoints[0] + "/v3/kv/compaction"), new StringContent(body));
        answer.EnsureSuccessStatusCode();
    }
}
