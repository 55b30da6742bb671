using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>How often an address may connect, and how many connections it may have.</summary>
public sealed class RateTests(ITestOutputHelper output) : EntryTest(output)
{
    [Fact]
    public async Task Connections_at_once_are_bounded_and_a_place_is_free_again_when_one_ends()
    {
        Pwn["rates"] = new JsonObject { ["atOnce"] = 2 };
        var node = await StartAsync();
        using var silent = await node.ConnectFromAsync(Neighbour);
        using var session = await SessionAsync(node, Home.Token, source: Neighbour);
        await TurnedAwayAsync(node, Neighbour);
        Assert.True(await IsServedAsync(node, Home.Token));
        Assert.Equal(1, await CounterAsync(node, "instancer_connections_turned_away_total{challenge=\"pwn\",reason=\"AddressAtOnce\"}"));

        // However a connection ends, its place is free: by the client's end, by its reset, by the gateway.
        session.Dispose();
        using var second = await AdmittedAsync(node);
        await TurnedAwayAsync(node, Neighbour);
        second.Reset();
        using var third = await AdmittedAsync(node);
        await TurnedAwayAsync(node, Neighbour);
        await silent.SendAsync(TestToken.New().Preamble(1));
        await silent.ExpectEndAsync();
        using var fourth = await AdmittedAsync(node);
        await TurnedAwayAsync(node, Neighbour);
    }

    [Fact]
    public async Task Connections_a_second_are_bounded_for_each_address()
    {
        Pwn["rates"] = new JsonObject { ["perSecond"] = 1, ["burst"] = 4 };
        var node = await StartAsync();
        var started = TimeProvider.System.GetTimestamp();
        var served = 0;
        for (var attempt = 0; attempt < 12; attempt++)
        {
            served += await IsServedAsync(node, Home.Token, source: Neighbour) ? 1 : 0;
        }

        var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        Assert.InRange(served, 4, 4 + (int)seconds + 1);
        Assert.True(await IsServedAsync(node, Home.Token, source: Stranger));
        Assert.Equal(12 - served, await CounterAsync(node, "instancer_connections_turned_away_total{challenge=\"pwn\",reason=\"AddressRate\"}"));
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token, source: Neighbour), stated: "its bucket has filled");
    }

    [Fact]
    public async Task A_block_is_bounded_as_one_and_a_limit_set_later_counts_who_is_there()
    {
        var node = await StartAsync();
        using var first = await SessionAsync(node, Home.Token, source: Neighbour);
        using var second = await SessionAsync(node, Home.Token, source: Stranger);
        Home.Options["rates"] = new JsonObject { ["blockAtOnce"] = 2, ["ipv4Block"] = 24 };
        await ReloadAsync(node);
        await TurnedAwayAsync(node, "127.0.0.1");
        Assert.True(await IsServedAsync(node, Home.Token, source: "127.0.1.1"));
        first.Dispose();
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token), stated: "there is a place");
    }

    // A place is free as soon as the gateway has seen the end of who had it.
    private async Task<RawSocket> AdmittedAsync(TestNode node)
    {
        RawSocket? client = null;
        await Until.TrueAsync(
            async () =>
            {
                client?.Dispose();
                client = await node.ConnectFromAsync(Neighbour);
                return await client.TryAskAsync([.. Home.Token.Preamble(1), .. "pid\n"u8]) is not null;
            },
            stated: "a place is free");
        return client!;
    }
}
