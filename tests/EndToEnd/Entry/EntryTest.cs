using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>A node that serves the challenge <c>pwn</c> with the tests' backend, and what stands in front of it.</summary>
public abstract class EntryTest : NodeTest
{
    /// <summary>Addresses of this host that are not the one which clients have by default.</summary>
    private protected const string Neighbour = "127.0.0.2";
    private protected const string Stranger = "127.0.0.3";

    private protected EntryTest(ITestOutputHelper output)
        : base(output)
    {
        Output = output;
        Home.Serve("pwn", Challenges.Backend(), ports: 20);
    }

    /// <summary>Where figures go.</summary>
    private protected ITestOutputHelper Output { get; }

    /// <summary>The challenge's part of the configuration.</summary>
    private protected JsonObject Pwn => (JsonObject)Home.Options["challenges"]!["pwn"]!;

    /// <summary>Has what the configuration says now count in a node that runs.</summary>
    private protected async Task ReloadAsync(TestNode node)
    {
        const string Counts = "has changed, and counts from now on";
        var before = Count(node, Counts);
        Home.WriteConfiguration();
        await Until.TrueAsync(() => Count(node, Counts) > before, stated: "the changed configuration counts");
    }

    /// <summary>How many lines with a text the node has logged.</summary>
    private protected static int Count(TestNode node, string text) => node.Process.Lines.Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>Sees that a client is closed without a byte and without its having sent one.</summary>
    private protected static async Task TurnedAwayAsync(TestNode node, string source, string? challenge = null)
    {
        using var client = await node.ConnectFromAsync(source, challenge);
        await client.ExpectEndAsync();
    }

    /// <summary>Sees that a token is refused without a byte.</summary>
    private protected static async Task RefusedAsync(TestNode node, TestToken token, int identifier = 1, string? challenge = null)
    {
        using var client = await node.ConnectAsync(token, identifier, challenge);
        await client.ExpectEndAsync();
    }

    /// <summary>A session, which is in use; the token's backend has said its process id.</summary>
    private protected static async Task<RawSocket> SessionAsync(TestNode node, TestToken token, int identifier = 1, string? source = null)
    {
        var client = source is null ? await node.ConnectAsync() : await node.ConnectFromAsync(source);
        await client.SendAsync(token.Preamble(identifier));
        Assert.NotEqual(0, int.Parse(await client.AskAsync(Backend.Pid), null));
        return client;
    }

    /// <summary>Whether a client is served who says all at once what it wants.</summary>
    private protected static async Task<bool> IsServedAsync(TestNode node, TestToken token, int identifier = 1, string? source = null, string? challenge = null)
    {
        using var client = await node.ConnectFromAsync(source ?? "127.0.0.1", challenge);
        return await client.TryAskAsync([.. token.Preamble(identifier), .. "pid\n"u8]) is { Length: > 0 };
    }

    /// <summary>The value of a counter; 0 if it is not there.</summary>
    private protected static async Task<int> CounterAsync(TestNode node, string sample) => int.Parse(await node.MetricAsync(sample) ?? "0", null);
}
