using System.Net;
using System.Text.Json;
using Instancer.Actors;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Tests.Configuration;

namespace Instancer.Gateway.Tests.Admin;

public sealed class NodeRequestTests
{
    [Fact]
    public async Task Nodes_are_listed_with_all_that_is_known()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Node.Others.Add(FakeNode.View("node-0") with { Draining = true, Place = false, Advertise = null });
        var (status, body) = await rig.SendAsync(HttpMethod.Get, "/api/nodes");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(
            """
            [{"name":"node-0","advertise":null,"here":false,"place":false,"draining":true,"challenges":{"pwn":{"instances":2,"max":100},"web":{"instances":0,"max":5}}},
            {"name":"node-1","advertise":"10.0.0.1:7946","here":true,"place":true,"draining":false,"challenges":{"pwn":{"instances":2,"max":100},"web":{"instances":0,"max":5}}}]
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(json.RootElement));
    }

    [Fact]
    public async Task A_node_that_is_alone_says_what_it_has()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Add("pwn", 1);
        rig.Add("pwn", 2);
        rig.Add("gone", 1);
        var options = ConfigurationFile.Loaded(ConfigurationFile.WithChallenge(ConfigurationFile.Docker + ", \"maxInstances\": 7")).Node;
        var node = new SingleNode(options, rig.Instances, rig.Node);
        var view = Assert.Single(await node.ListAsync(CancellationToken.None));
        Assert.Equal(("node-1", null, true, true, false), (view.Name, view.Advertise, view.Here, view.Place, view.Draining));
        Assert.Equal([KeyValuePair.Create("pwn", new ChallengeView(2, 7))], view.Challenges);
        rig.Node.Ask("somebody");
        Assert.True(Assert.Single(await node.ListAsync(CancellationToken.None)).Draining);
    }

    [Fact]
    public async Task A_drain_is_accepted_from_those_who_have_the_token()
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.SendAsync(HttpMethod.Post, "/api/drain")).Status);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await rig.SendAsync(HttpMethod.Get, "/api/drain", rig.Token)).Status);
        Assert.Empty(rig.Node.Askers);
        var (status, body) = await rig.SendAsync(HttpMethod.Post, "/api/drain", rig.Token);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("node-1", JsonSerializer.Deserialize(body, AdminJson.Default.AdminDraining)!.Draining);
        Assert.Equal(["The admin endpoint"], rig.Node.Askers);
    }

    [Fact]
    public async Task The_instances_of_all_nodes_are_listed_each_with_its_node()
    {
        await using var rig = await AdminRig.StartAsync();
        var there = new FakeDirectory();
        rig.Peers.Nodes.Add("node-2", there);
        var (here, elsewhere) = (rig.Add("pwn", 1), rig.Add("pwn", 2, to: there));
        var expected = new[] { (here.ToString(), "node-1"), (elsewhere.ToString(), "node-2") }.Order();
        Assert.Equal(expected, (await ListAsync(rig, "")).Instances.Order());
        Assert.Equal(expected, (await ListAsync(rig, "?scope=cluster")).Instances.Order());
        Assert.Equal([(here.ToString(), "node-1")], (await ListAsync(rig, "?scope=node")).Instances);
        Assert.Equal("", (await ListAsync(rig, "")).Unanswered);
        var (status, body) = await rig.SendAsync(HttpMethod.Get, "/api/instances?scope=all");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("allowed: cluster, node", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_that_do_not_answer_are_named_and_those_that_do_are_shown()
    {
        await using var rig = await AdminRig.StartAsync();
        foreach (var name in new[] { "node-2", "node-3", "node-4" })
        {
            rig.Peers.Nodes.Add(name, new FakeDirectory());
        }

        rig.Peers.Hanging.Add("node-2");
        rig.Peers.Gone.Add("node-3");
        var elsewhere = rig.Add("pwn", 2, to: rig.Peers.Nodes["node-4"]);
        var listed = await ListAsync(rig, "");
        Assert.Equal([(elsewhere.ToString(), "node-4")], listed.Instances);
        Assert.Equal("node-2, node-3", listed.Unanswered);
        Assert.Equal("", (await ListAsync(rig, "?scope=node")).Unanswered);
    }

    [Fact]
    public async Task An_instance_is_stopped_and_extended_whichever_node_has_it()
    {
        await using var rig = await AdminRig.StartAsync();
        var there = new FakeDirectory();
        rig.Peers.Nodes.Add("node-2", there);
        rig.Peers.Nodes.Add("node-3", new FakeDirectory());
        rig.Peers.Gone.Add("node-3");
        var key = rig.Add("pwn", 2, to: there);
        var (status, body) = await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/extend?duration=00:30:00", rig.Token);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("2026-01-02T04:34:05", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/stop", rig.Token)).Status);
        Assert.Empty(there.Instances);
    }

    [Fact]
    public async Task What_may_be_on_a_node_that_does_not_answer_is_not_said_to_be_nowhere()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Peers.Nodes.Add("node-2", new FakeDirectory());
        var key = new InstanceKey("pwn", TokenHash.Random(), 1);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/stop", rig.Token)).Status);
        rig.Peers.Gone.Add("node-2");
        var (status, body) = await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/stop", rig.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal(
            "there is no such instance on the nodes that answered; no answer came from node-2", JsonSerializer.Deserialize(body, AdminJson.Default.AdminError)!.Error);
    }

    private static async Task<(IReadOnlyList<(string Key, string Node)> Instances, string Unanswered)> ListAsync(AdminRig rig, string query)
    {
        using var response = await rig.Http.GetAsync(new Uri("/api/instances" + query, UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var views = JsonSerializer.Deserialize(await response.Content.ReadAsStringAsync(), AdminJson.Default.IReadOnlyListInstanceView)!;
        var unanswered = response.Headers.TryGetValues("Instancer-Unanswered", out var names) ? string.Join(", ", names) : "";
        return ([.. views.Select(view => (view.Key, view.Node))], unanswered);
    }
}
