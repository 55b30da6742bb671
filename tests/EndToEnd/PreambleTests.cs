using System.Security.Cryptography;
using System.Text;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>What clients may send first, and what comes of it.</summary>
public sealed class PreambleTests : NodeTest
{
    public PreambleTests(ITestOutputHelper output)
        : base(output) => Home.Serve("echo", Challenges.Backend(), ports: 10);

    [Fact]
    public async Task A_preamble_in_130_writes_of_one_byte()
    {
        var node = await StartAsync();
        using var client = await node.ConnectAsync();
        foreach (var one in Home.Token.Preamble(7))
        {
            await client.SendAsync(new[] { one });
        }

        Assert.True(int.Parse(await client.AskAsync(Backend.Pid), null) > 0);
        Assert.Equal($"echo/{Home.Token.Hash}/7", (string?)Assert.Single(await node.InstancesAsync())["key"]);
    }

    [Fact]
    public async Task A_preamble_and_a_megabyte_in_one_write()
    {
        var payload = RandomNumberGenerator.GetBytes(1 << 20);
        var node = await StartAsync();
        using var client = await node.ConnectAsync();
        var receiving = client.ReceiveToEndAsync();
        await client.SendAsync((byte[])[.. Home.Token.Preamble(1), .. Encoding.ASCII.GetBytes(Backend.Echo + "\n"), .. payload]);
        client.EndSending();
        Assert.Equal(payload, await receiving);
    }

    [Fact]
    public async Task Nothing_for_the_whole_timeout()
    {
        Home.Gateway["preambleTimeout"] = "00:00:00.5";
        var node = await StartAsync();
        using var silent = await node.ConnectAsync();
        using var slow = await node.ConnectAsync();
        await slow.SendAsync(Home.Token.Preamble(1).AsMemory(0, 129));
        await silent.ExpectEndAsync();
        await slow.ExpectEndAsync();
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task A_preamble_that_ends_after_129_bytes()
    {
        var node = await StartAsync();
        using var client = await node.ConnectAsync();
        await client.SendAsync(Home.Token.Preamble(1).AsMemory(0, 129));
        client.EndSending();
        await client.ExpectEndAsync();
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task A_token_that_is_not_accepted()
    {
        var node = await StartAsync();
        using var client = await node.ConnectAsync(TestToken.New());
        await client.ExpectEndAsync();
        Assert.Empty(await node.InstancesAsync());
        await node.Process.LineAsync("the token is not accepted");
    }

    [Fact]
    public async Task An_identifier_that_was_never_seen_is_an_instance_of_its_own()
    {
        var node = await StartAsync();
        var first = await node.AskOnceAsync(Home.Token, 1, Backend.Pid);
        var last = await node.AskOnceAsync(Home.Token, 65535, Backend.Pid);
        Assert.NotEqual(first, last);
        Assert.Equal(first, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        Assert.Equal(last, await node.AskOnceAsync(Home.Token, 65535, Backend.Pid));
    }
}
