using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.Cluster.Tests.Etcd;

/// <summary>A real etcd with authentication on.</summary>
public sealed class EtcdUserTests : IAsyncLifetime
{
    private static readonly StoreTransaction Put = new(new StoreOperation.Put("k", "v"));

    private EtcdCluster _etcd = null!;

    private EtcdOptions Options => _etcd.Options with { User = "root", Password = "secret", Timeout = TimeSpan.FromSeconds(10) };

    public async Task InitializeAsync()
    {
        if (EtcdCluster.Obstacle is { } obstacle)
        {
            throw new InvalidOperationException($"The tests need etcd: {obstacle}.");
        }

        _etcd = await EtcdCluster.StartAsync();
        await SendAsync("user/add", """{"name":"root","password":"secret"}""");
        await SendAsync("user/grant", """{"user":"root","role":"root"}""");
        await SendAsync("user/add", """{"name":"nobody","password":"secret"}""");
    }

    public async Task DisposeAsync() => await _etcd.DisposeAsync();

    [EtcdFact]
    public async Task The_user_may_and_others_may_not()
    {
        // A password does no harm where nobody asks for it yet.
        using var early = new EtcdStore(Options, TimeProvider.System);
        Assert.True((await early.CommitAsync(Put, CancellationToken.None)).Succeeded);
        await SendAsync("enable", "{}");

        using var store = new EtcdStore(Options, TimeProvider.System);
        var put = await store.CommitAsync(Put, CancellationToken.None);
        Assert.True(put.Succeeded, $"{put.Error}");
        var lease = await store.GrantAsync(TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.NotNull((await store.KeepAliveAsync(lease.Value!.Id, CancellationToken.None)).Value?.Remaining);
        await using var watch = new WatchLog(store, "", put.Value.Revision);
        await Until.TrueAsync(() => watch.Changes.Count == 1, stated: "the watch works");

        await RefusedAsync(Options with { User = null }, "etcdserver: user name is empty (it wants a user and a password)");
        await RefusedAsync(Options with { Password = "wrong" }, "etcdserver: authentication failed, invalid user ID or password");
        await RefusedAsync(Options with { User = "stranger" }, "etcdserver: authentication failed, invalid user ID or password");
        await RefusedAsync(Options with { User = "nobody" }, "etcdserver: permission denied");
        using var nobody = new EtcdStore(Options with { User = "nobody" }, TimeProvider.System);
        await using var denied = new WatchLog(nobody, "", 1);
        await Until.TrueAsync(() => denied.End is WatchMessage.Lost, stated: "the watch that may not be ends");
    }

    [EtcdFact]
    public async Task A_token_that_was_forgotten_is_renewed()
    {
        await SendAsync("enable", "{}");
        using var store = new EtcdStore(Options, TimeProvider.System);
        Assert.True((await store.CommitAsync(Put, CancellationToken.None)).Succeeded);
        // An etcd that is started again has forgotten all of them.
        await _etcd.KillAsync(0);
        await _etcd.StartAgainAsync(0);
        var calls = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.CommitAsync(Put, CancellationToken.None)));
        Assert.All(calls, call => Assert.True(call.Succeeded, $"{call.Error}"));
        await using var watch = new WatchLog(store, "", calls[^1].Value!.Revision);
        await Until.TrueAsync(() => watch.Changes.Count > 0, stated: "the watch works");
    }

    private async Task RefusedAsync(EtcdOptions options, string reason)
    {
        using var store = new EtcdStore(options, TimeProvider.System);
        var error = (await store.CommitAsync(Put, CancellationToken.None)).Error;
        Assert.Equal(new StoreError(StoreFailure.Refused, MayBeDone: false, $"etcd at {_etcd.Url(0)}: {reason}"), error);
    }

    private async Task SendAsync(string path, string body)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri($"{_etcd.Url(0)}/v3/auth/{path}"), new StringContent(body));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
