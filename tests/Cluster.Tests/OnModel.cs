using Instancer.TestKit;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

/// <summary>The conformance tests on the model, whose clock is the test's.</summary>
[OnModel]
public sealed class ModelConformanceTests : StoreConformance
{
    private readonly VirtualTime _time = new();
    private readonly FakeEtcd _etcd;

    public ModelConformanceTests() => _etcd = new FakeEtcd(_time, step => step());

    private protected override Task<IKeyValueStore> OpenAsync() => Task.FromResult<IKeyValueStore>(_etcd.Connect());

    private protected override async Task EventuallyAsync(Func<Task<bool>> condition, string stated)
    {
        for (var left = 1000; !await condition(); left--)
        {
            Assert.True(left > 0, $"Never, however long: {stated}");
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
    }

    private protected override Task CompactAsync(long revision)
    {
        _etcd.Compact(revision);
        return Task.CompletedTask;
    }
}
