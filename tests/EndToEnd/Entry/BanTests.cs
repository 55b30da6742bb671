using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>Bans: by themselves, by hand, and their end.</summary>
public sealed class BanTests(ITestOutputHelper output) : EntryTest(output)
{
    [Fact]
    public async Task Failed_preambles_lead_to_a_ban_that_is_listed_and_lifted()
    {
        Home.Options["bans"] = new JsonObject { ["failures"] = 3, ["duration"] = "00:10:00" };
        Home.Serve("other", Challenges.Backend());
        var node = await StartAsync();
        using var session = await SessionAsync(node, Home.Token, source: Neighbour);
        await FailAsync(node, Neighbour, 2);
        Assert.Equal("[]", (await BansAsync(node, "list", "--json")).Output);
        await FailAsync(node, Neighbour, 1);
        await node.Process.LineAsync($"{Neighbour} is banned for 00:10:00 after 3 failed preambles");

        await TurnedAwayAsync(node, Neighbour, "pwn");
        await TurnedAwayAsync(node, Neighbour, "other");
        Assert.True(await IsServedAsync(node, Home.Token));
        var ban = Assert.Single((JsonArray)JsonNode.Parse((await BansAsync(node, "list", "--json")).Output)!)!;
        Assert.Equal((Neighbour, "failures", 1), ((string)ban["block"]!, (string)ban["cause"]!, (int)ban["times"]!));
        Assert.Contains(Neighbour, (await BansAsync(node, "list")).Output, StringComparison.Ordinal);

        Assert.Equal(new CommandResult(0, $"{Neighbour} is banned no more", ""), await BansAsync(node, "remove", Neighbour));
        Assert.True(await IsServedAsync(node, Home.Token, source: Neighbour));
        var again = await BansAsync(node, "remove", Neighbour);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains($"{Neighbour} is not banned", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_is_no_failed_preamble()
    {
        Home.Options["bans"] = new JsonObject { ["failures"] = 1 };
        var node = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            (await node.ConnectFromAsync(Neighbour)).Dispose();
        }

        const string Silent = "instancer_connections_ended_total{challenge=\"pwn\",outcome=\"silent\"}";
        await Until.TrueAsync(async () => await node.MetricAsync(Silent) == "5", stated: "they have ended");
        Assert.True(await IsServedAsync(node, Home.Token, source: Neighbour));
    }

    [Fact]
    public async Task A_ban_by_itself_ends_and_the_next_is_twice_as_long()
    {
        Home.Options["bans"] = new JsonObject { ["failures"] = 1, ["duration"] = "00:00:01" };
        var node = await StartAsync();
        await FailAsync(node, Neighbour, 1);
        await TurnedAwayAsync(node, Neighbour);
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token, source: Neighbour), stated: "the ban has ended");
        await FailAsync(node, Neighbour, 1);
        await node.Process.LineAsync($"{Neighbour} is banned for 00:00:02 after 1 failed preambles; it is ban number 2");
        await TurnedAwayAsync(node, Neighbour);
    }

    [Fact]
    public async Task A_ban_by_hand_shuts_out_outlasts_the_node_and_ends_when_it_is_to()
    {
        var node = await StartAsync();
        Assert.Equal(new CommandResult(0, "127.0.0.2/31 is banned for good", ""), await BansAsync(node, "add", "127.0.0.2/31", "--reason", "they scan"));
        Assert.Equal(0, (await BansAsync(node, "add", "127.0.0.4", "--for", "00:00:02")).ExitCode);
        await TurnedAwayAsync(node, Neighbour);
        await TurnedAwayAsync(node, Stranger);
        await TurnedAwayAsync(node, "127.0.0.4");
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token, source: "127.0.0.4"), stated: "the ban has ended");
        foreach (var (word, problem) in new[] { ("127.0.0.2.1", "127.0.0.2.1"), ("127.0.0.2/33", "33"), ("nobody", "nobody") })
        {
            var refused = await BansAsync(node, "add", word);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
        }

        await node.StopAsync();
        node = await StartAsync();
        await TurnedAwayAsync(node, Stranger);
        Assert.Contains("they scan", (await BansAsync(node, "list")).Output, StringComparison.Ordinal);
        var part = await BansAsync(node, "remove", Neighbour);
        Assert.Contains("127.0.0.2 is banned as a part of 127.0.0.2/31; lift that", part.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await BansAsync(node, "remove", "127.0.0.2/31")).ExitCode);
        Assert.True(await IsServedAsync(node, Home.Token, source: Stranger));
        await node.StopAsync();
        Assert.True(await IsServedAsync(await StartAsync(), Home.Token, source: Neighbour));
    }

    [Fact]
    public async Task A_file_of_bans_that_cannot_be_read_is_put_aside_and_said()
    {
        await File.WriteAllTextAsync(Path.Combine(Home.Directory, "var", "bans.json"), "[{]");
        var node = await StartAsync();
        await node.Process.LineAsync("bans.json cannot be read");
        Assert.True(await IsServedAsync(node, Home.Token));
        Assert.Equal(0, (await BansAsync(node, "add", Neighbour)).ExitCode);
        await TurnedAwayAsync(node, Neighbour);
    }

    private static async Task FailAsync(TestNode node, string source, int times)
    {
        for (var time = 0; time < times; time++)
        {
            using var guess = await node.ConnectFromAsync(source);
            await guess.SendAsync(TestToken.New().Preamble(1));
            await guess.ExpectEndAsync();
        }
    }

    private Task<CommandResult> BansAsync(TestNode node, params string[] words) =>
        Home.RunAsync(["bans", .. words, "--admin", node.AdminAddress, "--config", Path.Combine(Home.Directory, "node.conf")]);
}
