using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Instancer.Cluster.Etcd;
using Instancer.TestKit.Cluster;
using Instancer.TestKit.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Instancer.Cluster.Tests.Etcd;

/// <summary>What an operator may have named that is no etcd, or not one that can be used.</summary>
public sealed class EtcdMistakeTests
{
    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.9:2379")]
    [InlineData("etcd.example")]
    [InlineData("ftp://10.0.0.9")]
    [InlineData("http://10.0.0.9:2379/v3")]
    [InlineData("http://root:secret@10.0.0.9:2379")]
    public async Task What_is_no_URL_is_said_so(string text)
    {
        var error = await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [text] });
        Assert.Equal(new StoreError(StoreFailure.Unusable, MayBeDone: false, $"etcd at {text}: that is no URL such as http://HOST:2379"), error);
    }

    [Fact]
    public async Task Where_nothing_listens_the_connection_is_refused()
    {
        var url = $"http://127.0.0.1:{PortBlock.Take(1).First}";
        Assert.Equal($"etcd at {url}: Connection refused", (await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [url] })).Message);
    }

    [Fact]
    public async Task Who_never_answers_takes_no_longer_than_the_time_out()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var watch = Stopwatch.StartNew();
        var error = await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [$"http://{silent.LocalEndpoint}"], Timeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(StoreFailure.TimedOut, error.Failure);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(20));
    }

    [Theory]
    [InlineData(404, "<html>Not Found</html>", "what answers there is no etcd")]
    [InlineData(200, "<html>Welcome to nginx!</html>", "what answers there is no etcd")]
    [InlineData(200, "[]", "what answers there is no etcd")]
    [InlineData(200, "{}", "what answers there is no etcd")]
    [InlineData(200, """{"etcdserver":"2.3.8","etcdcluster":"2.3.0"}""", "its version, 2.3.8, is too old; 3.4 or newer is needed")]
    [InlineData(200, """{"etcdserver":"3.3.27","etcdcluster":"3.3.0"}""", "its version, 3.3.27, is too old; 3.4 or newer is needed")]
    public async Task What_is_no_etcd_that_can_be_used_is_said_so(int status, string body, string reason)
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        var url = server.Urls.Single();
        var error = await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [url] });
        Assert.Equal(new StoreError(StoreFailure.Unusable, MayBeDone: false, $"etcd at {url}: {reason}"), error);

        // But where another may be one, nothing is certain.
        var other = $"http://127.0.0.1:{PortBlock.Take(1).First}";
        Assert.Equal(StoreFailure.Unusable, (await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [url, "nonsense"] })).Failure);
        Assert.Equal(StoreFailure.Unavailable, (await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [url, other] })).Failure);
    }

    [Fact]
    public async Task What_stands_before_an_etcd_that_is_away_is_not_mistaken_for_it()
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = 503;
            return context.Response.WriteAsync("<html>No server is available</html>");
        });
        var url = server.Urls.Single();
        var error = await EtcdTlsTests.ErrorAsync(new EtcdOptions { Endpoints = [url] });
        Assert.Equal(new StoreError(StoreFailure.Unavailable, MayBeDone: false, $"etcd at {url}: it answered 503: <html>No server is available</html>"), error);
    }

    [Fact]
    public async Task What_was_sent_may_be_done_and_is_not_repeated_elsewhere_unless_that_does_no_harm()
    {
        var requests = 0;
        await using var first = await ServeAsync(Broken);
        await using var second = await ServeAsync(Broken);
        using var store = new EtcdStore(new EtcdOptions { Endpoints = [first.Urls.Single(), second.Urls.Single()] }, TimeProvider.System);

        var put = await store.CommitAsync(new StoreTransaction(new StoreOperation.Put("k", "v")), CancellationToken.None);
        Assert.Equal((StoreFailure.Unavailable, true, 1), (put.Error?.Failure, put.Error?.MayBeDone, requests));
        Assert.False((await store.RangeAsync(KeyRange.One("k"), CancellationToken.None)).Succeeded);
        Assert.Equal(3, requests);

        Task Broken(HttpContext context)
        {
            if (context.Request.Path == "/version")
            {
                return context.Response.WriteAsync("""{"etcdserver":"3.5.0","etcdcluster":"3.5.0"}""");
            }

            Interlocked.Increment(ref requests);
            context.Abort();
            return Task.CompletedTask;
        }
    }

    [EtcdFact]
    public async Task An_etcd_without_its_gateway_is_said_so_and_another_member_is_used()
    {
        await using var without = await EtcdCluster.StartWithoutGatewayAsync();
        var error = await EtcdTlsTests.ErrorAsync(without.Options with { Timeout = TimeSpan.FromSeconds(10) });
        Assert.Equal($"etcd at {without.Url(0)}: its JSON gateway is off (--enable-grpc-gateway)", error.Message);

        await using var with = await EtcdCluster.StartAsync();
        using var store = new EtcdStore(new EtcdOptions { Endpoints = ["nonsense", without.Url(0), with.Url(0)], Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System);
        var put = await store.CommitAsync(new StoreTransaction(new StoreOperation.Put("k", "v")), CancellationToken.None);
        Assert.True(put.Succeeded, $"{put.Error}");
    }

    internal static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(answer);
        await server.StartAsync();
        return server;
    }
}
