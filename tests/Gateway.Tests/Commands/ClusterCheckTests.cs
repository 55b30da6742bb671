using System.Net;
using Instancer.Cluster;
using Instancer.Cluster.Etcd;
using Instancer.Cluster.Membership;
using Instancer.Gateway.Commands;
using Instancer.Gateway.Configuration;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Processes;

namespace Instancer.Gateway.Tests.Commands;

public sealed class ClusterCheckTests
{
    private const string About = "cluster: listens for other nodes on 0.0.0.0:7946, reached by them at 10.0.0.1:7946; secret in s; lease 00:00:10\n";

    [Fact]
    public async Task A_node_that_is_alone_says_so() => Assert.Equal((0, "cluster: none\n", ""), await CheckAsync(null));

    [Fact]
    public async Task Where_etcd_cannot_be_reached_is_named_with_the_reason()
    {
        var ports = PortBlock.Take(2);
        Assert.Equal(
            (2, About, $"instancer: etcd at http://127.0.0.1:{ports.First}: Connection refused\ninstancer: etcd at http://127.0.0.1:{ports.Last}: Connection refused\n"),
            await CheckAsync(Settings($"http://127.0.0.1:{ports.First}", $"http://127.0.0.1:{ports.Last}")));
    }

    [EtcdFact]
    public async Task Who_is_there_already_is_told()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        var url = etcd.Url(0);
        Assert.Equal((0, $"{About}etcd at {url}: answers; no node is there\n", ""), await CheckAsync(Settings(url)));

        await PutAsync(etcd, new Member("node-2", IPEndPoint.Parse("10.0.0.2:7946")), new Member("node-1", IPEndPoint.Parse("10.0.0.1:7946")));
        var gone = $"http://127.0.0.1:{PortBlock.Take(1).First}";
        Assert.Equal(
            (0, $"{About}etcd at {url}: answers; there: node-1 at 10.0.0.1:7946, node-2 at 10.0.0.2:7946\nwarning: etcd at {gone}: Connection refused\n", ""),
            await CheckAsync(Settings(gone, url)));

        await PutAsync(etcd, new Member("node-1", IPEndPoint.Parse("10.0.0.9:7946")));
        var (exitCode, output, _) = await CheckAsync(Settings(url));
        Assert.Equal(0, exitCode);
        Assert.EndsWith("\nwarning: there is a node node-1 already, at 10.0.0.9:7946; each node needs a name of its own\n", output, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task That_a_user_is_wanted_is_told()
    {
        await using var etcd = await EtcdCluster.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach (var (path, body) in new[] { ("user/add", """{"name":"root","password":"secret"}"""), ("user/grant", """{"user":"root","role":"root"}"""), ("enable", "{}") })
        {
            using var answer = await http.PostAsync(new Uri($"{etcd.Url(0)}/v3/auth/{path}"), new StringContent(body));
            answer.EnsureSuccessStatusCode();
        }

        Assert.Equal(
            (2, About, $"instancer: etcd at {etcd.Url(0)}: etcdserver: user name is empty (it wants a user and a password)\n"), await CheckAsync(Settings(etcd.Url(0))));
        var settings = Settings(etcd.Url(0));
        Assert.Equal(0, (await CheckAsync(settings with { Etcd = settings.Etcd with { User = "root", Password = "secret" } })).ExitCode);
    }

    private static ClusterSettings Settings(params string[] urls) => new()
    {
        Options = new ClusterOptions { Node = "node-1", Advertise = IPEndPoint.Parse("10.0.0.1:7946") },
        Etcd = new EtcdOptions { Endpoints = urls, Timeout = TimeSpan.FromSeconds(10) },
        Listen = IPEndPoint.Parse("0.0.0.0:7946"),
        SecretFile = "s",
        Secret = null,
    };

    private static async Task PutAsync(EtcdCluster etcd, params Member[] members)
    {
        using var store = new EtcdStore(etcd.Options with { Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System);
        var puts = members.Select(member => new StoreOperation.Put(ClusterKeys.Node(member.Name), member.ToValue())).ToArray<StoreOperation>();
        Assert.True((await store.CommitAsync(new StoreTransaction(puts), CancellationToken.None)).Succeeded);
    }

    private static async Task<(int ExitCode, string Output, string Error)> CheckAsync(ClusterSettings? settings)
    {
        var console = new CommandConsole(new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var exitCode = await ClusterCheck.RunAsync(settings, console, CancellationToken.None);
        return (exitCode, console.Output.ToString()!, console.Error.ToString()!);
    }
}
