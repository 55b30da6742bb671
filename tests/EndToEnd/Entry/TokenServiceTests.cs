using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>A service that is asked about tokens which are known nowhere else.</summary>
public sealed class TokenServiceTests(ITestOutputHelper output) : EntryTest(output)
{
    private const string Bearer = "what-the-service-knows-the-node-by";

    [Fact]
    public async Task It_is_asked_about_a_token_and_what_it_says_counts()
    {
        await using var service = await TokenService.StartAsync();
        Ask(service, new() { ["cacheFor"] = "00:00:01", ["cacheRefusalsFor"] = null });
        var node = await StartAsync();
        var token = TestToken.New();
        Assert.True(await IsServedAsync(node, token, source: Neighbour));
        Assert.Equal("ann", (string?)Assert.Single(await node.InstancesAsync())["client"]);
        var (body, authorization) = Assert.Single(service.Asked);
        var question = JsonNode.Parse(body)!;
        Assert.Equal((token.Hash, "pwn", "Bearer " + Bearer), ((string)question["token"]!, (string)question["challenge"]!, authorization));
        Assert.StartsWith(Neighbour + ":", (string)question["address"]!, StringComparison.Ordinal);

        // Who is known here already is not asked about.
        Assert.True(await IsServedAsync(node, Home.Token));
        Assert.Single(service.Asked);

        service.Answer = TokenService.Say(403);
        await RefusedAsync(node, TestToken.New());
        await Until.TrueAsync(async () => !await IsServedAsync(node, token), stated: "what was kept is asked again");
        service.Answer = TokenService.Say(200, """{"name":"ann"}""");
        Assert.True(await IsServedAsync(node, token));
    }

    [Theory]
    [InlineData(200, "")]
    [InlineData(200, """{"name":"no\u000aname"}""")]
    [InlineData(200, "[]")]
    [InlineData(302, "")]
    [InlineData(500, """{"name":"ann"}""")]
    public async Task An_answer_that_is_none_is_a_refusal_and_one_line_says_so(int status, string body)
    {
        await using var service = await TokenService.StartAsync();
        service.Answer = TokenService.Say(status, body);
        Ask(service);
        var node = await StartAsync();
        await RefusedAsync(node, TestToken.New());
        await RefusedAsync(node, TestToken.New());
        await node.Process.LineAsync($"The authenticator http://{service.Url.Authority} gives no usable answer");
        Assert.Equal(1, Count(node, "gives no usable answer"));
        Assert.True(await IsServedAsync(node, Home.Token));
        Assert.Equal(0, Count(node, service.Url.PathAndQuery));
    }

    [Fact]
    public async Task While_it_is_down_who_was_accepted_may_be_accepted_still_and_nobody_else()
    {
        var service = await TokenService.StartAsync();
        Ask(service, new() { ["cacheFor"] = "00:00:01", ["whenDown"] = "accept-cached", ["timeout"] = "00:00:01" });
        var node = await StartAsync();
        var token = TestToken.New();
        Assert.True(await IsServedAsync(node, token));
        var port = service.Url.Port;
        await service.DisposeAsync();
        await RefusedAsync(node, TestToken.New());
        await node.Process.LineAsync("gives no usable answer: ConnectionError");
        Assert.True(await IsServedAsync(node, token));

        // It is the setting that does it.
        Home.Options["authentication"]!["whenDown"] = "refuse";
        await ReloadAsync(node);
        await RefusedAsync(node, token, 2);

        await using var again = await TokenService.StartAsync(port);
        await Until.TrueAsync(() => IsServedAsync(node, token, 2), stated: "it is asked again");
        await node.Process.LineAsync("answers again");
    }

    [Fact]
    public async Task One_that_never_answers_holds_a_client_for_its_time_only_and_a_change_counts()
    {
        await using var service = await TokenService.StartAsync();
        service.Answer = TokenService.SayAfter(new TaskCompletionSource().Task, 200);
        var node = await StartAsync();
        var token = TestToken.New();
        await RefusedAsync(node, token);
        Assert.Empty(service.Asked);

        Ask(service, new() { ["timeout"] = "00:00:00.5" });
        await ReloadAsync(node);
        await RefusedAsync(node, token);
        await node.Process.LineAsync("no whole answer within 00:00:00.5");
        service.Answer = TokenService.Say(200, """{"name":"ann"}""");
        await Until.TrueAsync(() => IsServedAsync(node, token), stated: "it answers now");

        Home.Options["authentication"] = null;
        await ReloadAsync(node);
        await RefusedAsync(node, token, 2);
    }

    private void Ask(TokenService service, JsonObject? more = null)
    {
        // What follows the port may be a secret too.
        Home.Secrets.Add(service.Url.PathAndQuery);
        var section = more ?? [];
        (section["url"], section["bearerFile"]) = (service.Url.ToString(), Home.WriteSecret("bearer", Bearer));
        Home.Options["authentication"] = section;
    }
}
