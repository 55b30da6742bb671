using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>Who may connect, by address.</summary>
public sealed class AddressTests(ITestOutputHelper output) : EntryTest(output)
{
    [Fact]
    public async Task Lists_in_the_configuration_count_when_they_change_and_sessions_go_on()
    {
        Home.Options["addresses"] = new JsonObject { ["deny"] = new JsonArray($"{Neighbour}/32") };
        Home.Serve("open", Challenges.Backend());
        Home.Options["challenges"]!["open"]!["addresses"] = new JsonObject { ["deny"] = new JsonArray() };
        var node = await StartAsync();
        await TurnedAwayAsync(node, Neighbour, "pwn");
        using var session = await node.ConnectFromAsync(Stranger, "pwn");
        Assert.NotNull(await session.TryAskAsync([.. Home.Token.Preamble(1), .. "echo\nhello\n"u8]));
        Assert.True(await IsServedAsync(node, Home.Token, source: Neighbour, challenge: "open"));

        Home.Options["addresses"] = new JsonObject { ["allow"] = new JsonArray(Neighbour, "2001:db8::/32") };
        await ReloadAsync(node);
        await TurnedAwayAsync(node, Stranger, "pwn");
        await TurnedAwayAsync(node, "127.0.0.1", "pwn");
        Assert.True(await IsServedAsync(node, Home.Token, source: Neighbour, challenge: "pwn"));
        Assert.Equal("still here", await session.AskAsync("still here"));

        Home.Options.Remove("addresses");
        await ReloadAsync(node);
        Assert.True(await IsServedAsync(node, Home.Token, source: Stranger, challenge: "pwn"));
        Assert.Equal(1, await CounterAsync(node, "instancer_connections_turned_away_total{challenge=\"pwn\",reason=\"Denied\"}"));
        Assert.Equal(2, await CounterAsync(node, "instancer_connections_turned_away_total{challenge=\"pwn\",reason=\"NotAllowed\"}"));
    }

    [Fact]
    public async Task Files_count_when_they_change_and_a_bad_line_changes_nothing()
    {
        var (allow, deny) = (Path.Combine(Home.Directory, "allow"), Path.Combine(Home.Directory, "deny"));
        await File.WriteAllTextAsync(deny, $"# bad ones\n{Neighbour} # loud\n");
        Pwn["addresses"] = new JsonObject { ["denyFile"] = deny };
        var node = await StartAsync();
        await TurnedAwayAsync(node, Neighbour);
        Assert.True(await IsServedAsync(node, Home.Token, source: Stranger));

        Replace(deny, $"{Stranger}\n");
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token, source: Neighbour), stated: "who is in the file no more is served");
        await TurnedAwayAsync(node, Stranger);

        Replace(deny, $"{Neighbour}\n127.0.0.300\n");
        await node.Process.LineAsync("deny:2: ");
        Assert.True(await IsServedAsync(node, Home.Token, source: Neighbour));
        await TurnedAwayAsync(node, Stranger);

        // A list of whom to let in that is not there lets nobody in; so does an empty one.
        Pwn["addresses"] = new JsonObject { ["allowFile"] = allow };
        await ReloadAsync(node);
        await TurnedAwayAsync(node, "127.0.0.1");
        await node.Process.LineAsync("nobody is let in by it");
        Replace(allow, "");
        await node.Process.LineAsync("allow: 0 blocks are allowed");
        await TurnedAwayAsync(node, "127.0.0.1");
        Replace(allow, "127.0.0.0/31\n");
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token), stated: "who is in the file is served");
        await TurnedAwayAsync(node, Neighbour);
    }

    private static void Replace(string path, string text)
    {
        File.WriteAllText(path + ".next", text);
        File.Move(path + ".next", path, overwrite: true);
    }
}
