using Instancer.Cluster.Etcd;
using Microsoft.AspNetCore.Http;

namespace Instancer.Cluster.Tests.Etcd;

/// <summary>Who is believed that a lease was renewed.</summary>
public sealed class EtcdRenewalTests
{
    [Theory]
    [InlineData(new[] { 2, 2 }, 10)]
    // An old leader renewed it, and another one had been elected: asked again.
    [InlineData(new[] { 2, 3, 3, 3 }, 10)]
    [InlineData(new[] { 2, 3, 2, 3 }, null)]
    public async Task A_leader_is_believed_if_he_still_leads_after_his_answer(int[] terms, int? seconds)
    {
        var asked = 0;
        await using var server = await EtcdMistakeTests.ServeAsync(context => context.Response.WriteAsync(context.Request.Path.Value switch
        {
            "/version" => """{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}""",
            "/v3/lease/keepalive" => $$$"""{"result":{"header":{"revision":"7","raft_term":"{{{terms[asked++]}}}"},"ID":"4711","TTL":"10"}}""" + "\n",
            "/v3/kv/range" => $$$"""{"header":{"revision":"7","raft_term":"{{{terms[asked++]}}}"}}""",
            _ => throw new InvalidOperationException($"Nobody asks for {context.Request.Path}."),
        }));
        using var store = new EtcdStore(new EtcdOptions { Endpoints = [server.Urls.Single()], Timeout = TimeSpan.FromSeconds(10) }, TimeProvider.System);

        var answer = await store.KeepAliveAsync(4711, CancellationToken.None);
        Assert.Equal(terms.Length, asked);
        Assert.Equal(seconds, answer.Value?.Remaining?.TotalSeconds);
        Assert.Equal(seconds is null ? StoreFailure.Unavailable : null, answer.Error?.Failure);
    }
}
