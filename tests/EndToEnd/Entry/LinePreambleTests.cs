using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>Preambles that are typed, and the only bytes of its own that a gateway writes.</summary>
public sealed class LinePreambleTests : EntryTest
{
    private const string Prompt = "who are you? ";
    private const string Denied = "denied\n";

    public LinePreambleTests(ITestOutputHelper output)
        : base(output)
    {
        Pwn["preamble"] = "line";
        Pwn["prompt"] = Prompt;
        Pwn["refusals"] = true;
    }

    [Fact]
    public async Task A_line_is_as_good_as_130_bytes()
    {
        var node = await StartAsync();
        using var first = await node.ConnectAsync();
        await first.ExpectAsync(Prompt);
        await first.SendAsync($"{Home.Token.Text}\n{Backend.Pid}\n");
        var pid = await first.ReceiveLineAsync();

        using var same = await node.ConnectAsync();
        await same.ExpectAsync(Prompt);
        foreach (var character in $"{Home.Token.Text} 1\r\n")
        {
            await same.SendAsync(character.ToString());
        }

        Assert.Equal(pid, await same.AskAsync(Backend.Pid));

        using var other = await node.ConnectAsync();
        await other.ExpectAsync(Prompt);
        await other.SendAsync($"{Home.Token.Text} 65535\n");
        Assert.NotEqual(pid, await other.AskAsync(Backend.Pid));
        Assert.Equal(
            [$"pwn/{Home.Token.Hash}/1", $"pwn/{Home.Token.Hash}/65535"],
            (await node.InstancesAsync()).Select(instance => (string)instance["key"]!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_is_not_known_and_who_is_not_served_are_told_the_same()
    {
        Pwn["quotas"] = new JsonObject { ["instances"] = 1 };
        var node = await StartAsync();
        using var served = await node.ConnectAsync();
        await served.ExpectAsync(Prompt);
        await served.SendAsync($"{Home.Token.Text}\n{Backend.Pid}\n");
        await served.ReceiveLineAsync();

        foreach (var line in new[] { $"{TestToken.New().Text}\n", $"{Home.Token.Text} 2\n" })
        {
            using var client = await node.ConnectAsync();
            await client.SendAsync(line);
            await client.ExpectLastAsync(Prompt + Denied);
        }

        Assert.Single(await node.InstancesAsync());
        await node.Process.LineAsync("the token is not accepted");
        await node.Process.LineAsync("its token has as many instances as it may have");
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("hello\n")]
    [InlineData("TOKEN\t1\n")]
    [InlineData("TOKEN 65536\n")]
    [InlineData("TOKEN 123456")]
    [InlineData("TOKENx")]
    [InlineData("TOKEN \n")]
    [InlineData("\u0000\u0001\u007f")]
    public async Task What_is_no_such_line_is_denied(string line)
    {
        var node = await StartAsync();
        using var client = await node.ConnectAsync();
        await client.ExpectAsync(Prompt);
        await client.SendAsync(line.Replace("TOKEN", Home.Token.Text, StringComparison.Ordinal));
        await client.ExpectAsync(Denied);
        await client.ExpectGoneAsync();
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task Half_a_line_is_denied_at_its_end_and_at_the_deadline()
    {
        Home.Gateway["preambleTimeout"] = "00:00:00.5";
        var node = await StartAsync();
        using var slow = await node.ConnectAsync();
        await slow.SendAsync(Home.Token.Text);
        using var ended = await node.ConnectAsync();
        await ended.SendAsync(Home.Token.Text);
        ended.EndSending();
        await ended.ExpectLastAsync(Prompt + Denied);
        await slow.ExpectLastAsync(Prompt + Denied);
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task Who_waits_is_told_its_place()
    {
        Home.Options["startQueue"] = new JsonObject { ["concurrentStarts"] = 1 };
        var gate = new HoldingGate(Home).Serve("slow", ports: 10);
        (Home.Options["challenges"]!["slow"]!["preamble"], Home.Options["challenges"]!["slow"]!["refusals"]) = ("line", true);
        var node = await StartAsync();
        using var first = await node.ConnectAsync("slow");
        await first.SendAsync($"{Home.Token.Text}\n");
        await Until.TrueAsync(() => gate.Starts.Count == 1, stated: "the first one's start has begun");
        using var second = await node.ConnectAsync("slow");
        await second.SendAsync($"{Home.Token.Text} 2\n");
        Assert.Equal("busy, position 1", await second.ReceiveLineAsync());
        gate.Open();
        Assert.NotEqual(await first.AskAsync(Backend.Pid), await second.AskAsync(Backend.Pid));
    }

    [Fact]
    public async Task Without_being_told_to_it_says_nothing()
    {
        Home.Serve("silent", Challenges.Backend());
        var line = Challenges.Backend();
        line["preamble"] = "line";
        Home.Serve("silent-line", line);
        Home.Gateway["preambleTimeout"] = "00:00:00.5";
        var node = await StartAsync();
        foreach (var challenge in new[] { "silent", "silent-line" })
        {
            using var mute = await node.ConnectAsync(challenge);
            await mute.ExpectEndAsync();
            using var unknown = await node.ConnectAsync(challenge);
            await unknown.SendAsync(challenge == "silent" ? TestToken.New().Preamble(1) : [.. "GET / HTTP/1.1\r\n\r\n"u8]);
            await unknown.ExpectGoneAsync();
        }

        using var served = await node.ConnectAsync("silent-line");
        await served.SendAsync($"{Home.Token.Text}\n{Backend.Echo}\nonly this\n");
        served.EndSending();
        await served.ExpectLastAsync("only this\n");
    }
}
