using System.Security.Cryptography.X509Certificates;
using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Docker;

namespace Instancer.Cluster.Tests.Etcd;

/// <summary>A real etcd that speaks TLS and wants to see a certificate.</summary>
public sealed class EtcdTlsTests : IAsyncLifetime
{
    private readonly Certificates _own = new();
    private readonly Certificates _others = new();
    private EtcdCluster _etcd = null!;
    private (string Certificate, string Key) _client;

    private EtcdOptions Options => _etcd.Options with
    {
        CaFile = _own.CaFile,
        CertificateFile = _client.Certificate,
        KeyFile = _client.Key,
        Timeout = TimeSpan.FromSeconds(10),
    };

    public async Task InitializeAsync()
    {
        if (EtcdCluster.Obstacle is { } obstacle)
        {
            throw new InvalidOperationException($"The tests need etcd: {obstacle}.");
        }

        var server = _own.Issue("server");
        _client = _own.Issue("client");
        using var pem = X509Certificate2.CreateFromPemFile(_client.Certificate, _client.Key);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(_own.CaFile);
        _etcd = await EtcdCluster.StartAsync(
            members: 1, handler, "--cert-file", server.Certificate, "--key-file", server.Key, "--trusted-ca-file", _own.CaFile, "--client-cert-auth");
    }

    public async Task DisposeAsync()
    {
        await _etcd.DisposeAsync();
        _own.Dispose();
        _others.Dispose();
    }

    [EtcdFact]
    public async Task Both_sides_show_a_certificate()
    {
        using var store = new EtcdStore(Options, TimeProvider.System);
        var put = await store.CommitAsync(new StoreTransaction(new StoreOperation.Put("k", "v")), CancellationToken.None);
        Assert.True(put.Succeeded, $"{put.Error}");
        await using var watch = new WatchLog(store, "", put.Value.Revision);
        await Until.TrueAsync(() => watch.Changes.Count == 1, stated: "the watch works");
    }

    [EtcdFact]
    public async Task A_member_that_another_authority_vouches_for_is_not_spoken_to()
    {
        var error = await ErrorAsync(Options with { CaFile = _others.CaFile });
        Assert.StartsWith($"etcd at {_etcd.Url(0)}: TLS fails: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("certificate", error.Message, StringComparison.Ordinal);
        // The system's authorities do not know it either.
        Assert.Contains(": TLS fails: ", (await ErrorAsync(Options with { CaFile = null })).Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task A_certificate_that_the_member_does_not_accept_is_an_error()
    {
        var strange = _others.Issue("client");
        var without = await ErrorAsync(Options with { CertificateFile = null, KeyFile = null });
        Assert.Matches("TLS fails|does it accept this node's certificate", without.Message);
        var other = await ErrorAsync(Options with { CertificateFile = strange.Certificate, KeyFile = strange.Key });
        Assert.Matches("TLS fails|does it accept this node's certificate", other.Message);
    }

    [EtcdFact]
    public async Task Files_that_are_missing_are_named()
    {
        Assert.Contains("/none/ca.pem", (await ErrorAsync(Options with { CaFile = "/none/ca.pem" })).Message, StringComparison.Ordinal);
        Assert.Contains("/none/key.pem", (await ErrorAsync(Options with { KeyFile = "/none/key.pem" })).Message, StringComparison.Ordinal);
        Assert.Contains($"there is no certificate in {_client.Key}", (await ErrorAsync(Options with { CaFile = _client.Key })).Message, StringComparison.Ordinal);
        Assert.Contains($"{_client.Key} cannot be read", (await ErrorAsync(Options with { CertificateFile = _client.Key })).Message, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task Without_TLS_it_is_asked_whether_it_wants_it()
    {
        var plain = _etcd.Url(0).Replace("https", "http", StringComparison.Ordinal);
        Assert.Contains("does it want https?", (await ErrorAsync(Options with { Endpoints = [plain] })).Message, StringComparison.Ordinal);
    }

    internal static async Task<StoreError> ErrorAsync(EtcdOptions options)
    {
        using var store = new EtcdStore(options, TimeProvider.System);
        var error = (await store.CommitAsync(new StoreTransaction(new StoreOperation.Put("k", "v")), CancellationToken.None)).Error;
        Assert.NotNull(error);
        Assert.False(error.MayBeDone, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }
}
