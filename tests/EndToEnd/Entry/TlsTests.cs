using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>Two challenges that speak TLS on one port, and what stands in front of them.</summary>
public sealed partial class TlsTests : EntryTest
{
    private const string PwnName = "pwn.example.org";
    private const string WebName = "web.example.org";

    private readonly int _port = PortBlock.Take(1).First;

    public TlsTests(ITestOutputHelper output)
        : base(output)
    {
        Home.Serve("web", Challenges.Backend());
        foreach (var (challenge, name) in new[] { ("pwn", PwnName), ("web", WebName) })
        {
            WriteCertificate(challenge, name);
            var options = Home.Options["challenges"]![challenge]!;
            options["port"] = _port;
            options["tls"] = new JsonObject
            {
                ["certificate"] = Path.Combine(Home.Directory, challenge + ".crt"),
                ["key"] = Path.Combine(Home.Directory, challenge + ".key"),
                ["names"] = new JsonArray(name),
            };
        }
    }

    [Fact]
    public async Task The_name_that_a_client_asks_for_chooses_the_challenge()
    {
        var node = await StartAsync();
        foreach (var (challenge, name) in new[] { ("pwn", PwnName), ("web", WebName), ("web", WebName.ToUpperInvariant()) })
        {
            using var client = await ConnectAsync(name);
            Assert.Equal($"CN={(challenge == "pwn" ? PwnName : WebName)}", client.Subject);
            await client.SendAsync(Home.Token.Preamble(1));
            Assert.NotEqual("", await client.AskAsync(Backend.Pid));
        }

        Assert.Equal(
            [$"pwn/{Home.Token.Hash}/1", $"web/{Home.Token.Hash}/1"], (await node.InstancesAsync()).Select(instance => (string)instance["key"]!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("other.example.org")]
    [InlineData("example.org")]
    [InlineData("")]
    public async Task A_name_that_is_nobodys_is_refused_in_the_handshake(string name)
    {
        var node = await StartAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => ConnectAsync(name));
        await node.Process.LineAsync("nothing is served under the name that it asks for");
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task Whoever_does_not_speak_TLS_is_closed_and_others_are_served()
    {
        Home.Gateway["preambleTimeout"] = "00:00:01";
        var node = await StartAsync();
        byte[][] openings = [[.. Home.Token.Preamble(1), .. "pid\n"u8], [.. "GET / HTTP/1.1\r\n\r\n"u8], [22, 3, 1, 255, 255, 1, 0, 0, 1], [22, 3, 1, 0, 5, 1]];
        foreach (var opening in openings)
        {
            using var client = await RawSocket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port));
            await client.SendAsync(opening);

            // An alert may come, and nothing of what it asked for.
            Assert.InRange((await ReceiveToGoneAsync(client)).Length, 0, 7);
        }

        Assert.Empty(await node.InstancesAsync());
        using var served = await ConnectAsync(PwnName);
        await served.SendAsync(Home.Token.Preamble(1));
        Assert.NotEqual("", await served.AskAsync(Backend.Pid));
    }

    [Fact]
    public async Task An_end_of_sending_is_an_end_and_leaves_the_other_direction_as_it_is()
    {
        var payload = RandomNumberGenerator.GetBytes(1 << 20);
        await StartAsync();
        using var client = await ConnectAsync(WebName);
        var receiving = client.ReceiveToEndAsync();
        await client.SendAsync([.. Home.Token.Preamble(1), .. Encoding.ASCII.GetBytes(Backend.Echo + "\n"), .. payload]);
        await client.EndSendingAsync();
        Assert.Equal(payload, await receiving);

        // The backend's end first.
        using var other = await ConnectAsync(WebName);
        await other.SendAsync(Home.Token.Preamble(1));
        Assert.Equal("ended", await other.AskAsync(Backend.End));
        Assert.Empty(await other.ReceiveToEndAsync());
        await other.SendAsync("12345");
        await other.EndSendingAsync();
        await Until.TrueAsync(
            async () =>
            {
                using var seen = await ConnectAsync(WebName);
                await seen.SendAsync(Home.Token.Preamble(1));
                return await seen.AskAsync(Backend.Seen) == "end 5";
            },
            stated: "the backend has what was sent behind its own end");
    }

    [Fact]
    public async Task A_typed_preamble_and_a_proof_of_work_go_through_it()
    {
        Home.Gateway["preamble"] = "line";
        Home.Gateway["prompt"] = "token: ";
        Home.Gateway["refusals"] = true;
        Pwn["pow"] = new JsonObject { ["difficulty"] = 50 };
        await StartAsync();
        using var client = await ConnectAsync(PwnName);
        var question = await client.ReceiveToAsync("solution: ");
        var solved = await Home.RunAsync("pow", "solve", question.Split('\n')[1].Split(' ')[^1]);
        await client.SendAsync($"{solved.Output}\n");
        Assert.Equal("token: ", await client.ReceiveToAsync(": "));
        await client.SendAsync($"{Home.Token.Text} 9\n");
        Assert.NotEqual("", await client.AskAsync(Backend.Pid));

        using var open = await ConnectAsync(WebName);
        Assert.Equal("token: ", await open.ReceiveToAsync(": "));
        await open.SendAsync($"{TestToken.New().Text}\n");
        Assert.Equal("denied\n", Encoding.ASCII.GetString(await open.ReceiveToEndAsync()));

        using var wrong = await ConnectAsync(PwnName);
        await wrong.ReceiveToAsync("solution: ");
        await wrong.SendAsync("s.AAAA\n");
        Assert.InRange((await wrong.ReceiveToEndAsync()).Length, 0, "denied\n".Length);
    }

    [Fact]
    public async Task A_place_is_free_again_when_a_session_ends_and_lists_and_bans_count_before_the_handshake()
    {
        Home.Options["rates"] = new JsonObject { ["atOnce"] = 1 };
        var node = await StartAsync();
        for (var round = 0; round < 3; round++)
        {
            TlsPeer? client = null;
            await Until.TrueAsync(
                async () =>
                {
                    client?.Dispose();
                    client = await TryConnectAsync(PwnName);
                    return client is not null && await TryPidAsync(client);
                },
                stated: "a place is free");
            using var second = await TryConnectAsync(PwnName);
            Assert.False(second is not null && await TryPidAsync(second));
            client!.Dispose();
        }

        string[] at = ["--admin", node.AdminAddress, "--config", Path.Combine(Home.Directory, "node.conf")];
        Assert.Equal(0, (await Home.RunAsync(["bans", "add", Neighbour, .. at])).ExitCode);
        using var turnedAway = await node.ConnectFromAsync(Neighbour, "pwn");
        await turnedAway.ExpectEndAsync();
    }

    [Fact]
    public async Task A_proxys_header_comes_before_the_handshake_and_the_backend_learns_its_address()
    {
        Pwn["command"] = Challenges.Backend(Backend.Proxied)["command"]!.DeepClone();
        Pwn["proxyHeader"] = true;
        Home.Gateway["proxies"] = new JsonArray(Neighbour);
        Home.Options["rates"] = new JsonObject { ["atOnce"] = 1 };
        var node = await StartAsync();
        using var first = await ThroughProxyAsync(node, "203.0.113.7");
        Assert.Equal("203.0.113.7:4000", await first.AskAsync(Backend.Source));
        await first.ReceiveToEndAsync();
        using var other = await ThroughProxyAsync(node, "203.0.113.8");
        Assert.Equal("203.0.113.8:4000", await other.AskAsync(Backend.Source));

        using var without = await node.ConnectFromAsync(Neighbour, "pwn");
        await without.SendAsync((byte[])[22, 3, 1, 0, 200, 1, .. new byte[200]]);
        await without.ExpectGoneAsync();
        await node.Process.LineAsync($"The proxy {Neighbour} is trusted, but its connection was closed: it does not begin with a PROXY header");
    }

    [Fact]
    public async Task Quotas_of_bytes_and_time_hold_for_it_too()
    {
        const int Size = 256 * 1024;
        Home.Options["quotas"] = new JsonObject { ["bytesPerSecond"] = "128KiB", ["sessionLength"] = "00:00:04" };
        await StartAsync();
        using var client = await ConnectAsync(PwnName);
        var started = TimeProvider.System.GetTimestamp();
        await client.SendAsync([.. Home.Token.Preamble(1), .. Encoding.ASCII.GetBytes(Backend.Echo + "\n")]);
        var sending = client.SendAsync(new byte[Size]);
        Assert.Equal(Size, (await client.ReceiveSomeAsync(Size)).Length);
        await sending;
        var took = TimeProvider.System.GetElapsedTime(started);
        Output.WriteLine($"{Size} bytes took {took.TotalSeconds:0.00} s at 128 KiB a second");
        Assert.InRange(took.TotalSeconds, 0.95, 4);
        await Assert.ThrowsAsync<IOException>(() => client.ReceiveToEndAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3.9, 12);
    }

    private async Task<TlsPeer> ThroughProxyAsync(TestNode node, string source)
    {
        var socket = await node.ConnectFromAsync(Neighbour, "pwn");
        await socket.SendAsync($"PROXY TCP4 {source} 127.0.0.1 4000 443\r\n");
        var client = await TlsPeer.OverAsync(socket, PwnName);
        await client.SendAsync(Home.Token.Preamble(1));
        return client;
    }

    private Task<TlsPeer> ConnectAsync(string name) => TlsPeer.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _port), name);

    private async Task<TlsPeer?> TryConnectAsync(string name)
    {
        try
        {
            return await ConnectAsync(name);
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            return null;
        }
    }

    private async Task<bool> TryPidAsync(TlsPeer client)
    {
        try
        {
            await client.SendAsync([.. Home.Token.Preamble(1), .. "pid\n"u8]);
            return (await client.ReceiveSomeAsync(1)).Length > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task<byte[]> ReceiveToGoneAsync(RawSocket client)
    {
        using var all = new MemoryStream();
        try
        {
            while (await client.Socket.ReceiveAsync(new byte[1]) is > 0)
            {
                all.WriteByte(0);
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return all.ToArray();
        }

        return all.ToArray();
    }
}
