using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>Clients who come through a proxy that says where they come from, and backends that are told.</summary>
public sealed class ProxyTests : EntryTest
{
    private const string Client = "203.0.113.7";

    public ProxyTests(ITestOutputHelper output)
        : base(output)
    {
        Home.Serve("pwn", Challenges.Backend(Backend.Proxied));
        Home.Gateway["proxies"] = new JsonArray($"{Neighbour}/32");
        Pwn["proxyHeader"] = true;
    }

    [Fact]
    public async Task The_backend_learns_the_address_in_the_header_of_either_version()
    {
        var node = await StartAsync();
        Assert.Equal($"{Client}:4000", await SourceAsync(node, Neighbour, Line($"PROXY TCP4 {Client} 127.0.0.1 4000 80\r\n")));
        Assert.Equal("198.51.100.9:4001", await SourceAsync(node, Neighbour, Binary("198.51.100.9", 4001)));

        // A byte at a time, and with something behind the addresses that nobody needs.
        using var slow = await node.ConnectFromAsync(Neighbour);
        byte[] whole = [.. Binary(Client, 4002, extra: 300), .. Home.Token.Preamble(1), .. Encoding.ASCII.GetBytes(Backend.Source + "\n")];
        foreach (var one in whole)
        {
            await slow.SendAsync(new[] { one });
        }

        Assert.Equal($"{Client}:4002", await slow.ReceiveLineAsync());

        // The proxy's own connections, and those of unknown origin, are its own.
        foreach (var header in new[] { Line("PROXY UNKNOWN\r\n"), [.. Binary(Client, 4003)[..12], 0x20, 0, 0, 0] })
        {
            Assert.StartsWith(Neighbour + ":", await SourceAsync(node, Neighbour, header), StringComparison.Ordinal);
        }

        Assert.Single(await node.InstancesAsync());
    }

    [Fact]
    public async Task Whoever_is_no_trusted_proxy_cannot_say_where_it_comes_from()
    {
        var node = await StartAsync();
        Assert.StartsWith("127.0.0.3:", await SourceAsync(node, Stranger, []), StringComparison.Ordinal);
        using var liar = await node.ConnectFromAsync(Stranger);
        Assert.Null(await liar.TryAskAsync([.. Binary(Client, 4000), .. Home.Token.Preamble(1), .. "source\n"u8]));

        // Trust is lost and won while the node runs.
        Home.Gateway["proxies"] = new JsonArray(Stranger);
        await ReloadAsync(node);
        Assert.Equal($"{Client}:4000", await SourceAsync(node, Stranger, Binary(Client, 4000)));
        Assert.StartsWith(Neighbour + ":", await SourceAsync(node, Neighbour, []), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_proxy_without_a_header_is_closed_and_one_line_says_so()
    {
        Home.Gateway["preambleTimeout"] = "00:00:01";
        var node = await StartAsync();
        byte[][] wrong =
        [
            Home.Token.Preamble(1), Line("PROXY TCP4 nowhere 127.0.0.1 4000 80\r\n"), Line("PROXY TCP4 203.0.113.7 127.0.0.1 4000 80" + new string(' ', 80)),
            [.. Binary(Client, 1)[..12], 0x31, 0x11, 0, 12], [.. Binary(Client, 1)[..12], 0x21, 0x11, 0, 4, 1, 2, 3, 4], [.. Binary(Client, 1)[..14], 0xFF, 0xFF],
        ];
        foreach (var bytes in wrong)
        {
            using var client = await node.ConnectFromAsync(Neighbour);
            await client.SendAsync(bytes);
            await client.ExpectGoneAsync();
        }

        using var half = await node.ConnectFromAsync(Neighbour);
        await half.SendAsync(Binary(Client, 1).AsMemory(0, 20));
        await half.ExpectEndAsync();
        await node.Process.LineAsync($"The proxy {Neighbour} is trusted, but its connection was closed: it does not begin with a PROXY header");
        Assert.Equal(1, Count(node, "is trusted, but its connection was closed"));
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task Bans_and_rates_count_for_the_client_and_not_for_its_proxy()
    {
        Home.Options["bans"] = new JsonObject { ["failures"] = 2, ["duration"] = "00:10:00" };
        Home.Options["rates"] = new JsonObject { ["atOnce"] = 1 };
        var node = await StartAsync();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var guess = await node.ConnectFromAsync(Neighbour);
            await guess.SendAsync((byte[])[.. Binary(Client, (ushort)(4000 + attempt)), .. TestToken.New().Preamble(1)]);
            await guess.ExpectEndAsync();
        }

        await node.Process.LineAsync($"{Client} is banned for 00:10:00 after 2 failed preambles");
        using var banned = await node.ConnectFromAsync(Neighbour);
        await banned.SendAsync(Binary(Client, 4002));
        await banned.ExpectEndAsync();

        using var first = await OpenAsync(node, "198.51.100.1");
        using var second = await OpenAsync(node, "198.51.100.2");
        using var third = await node.ConnectFromAsync(Neighbour);
        await third.SendAsync(Binary("198.51.100.1", 4003));
        await third.ExpectEndAsync();
        Assert.Equal(Client, (string?)Assert.Single(await node.ListAsync("/api/bans"))["block"]);
    }

    private async Task<RawSocket> OpenAsync(TestNode node, string source)
    {
        var client = await node.ConnectFromAsync(Neighbour);
        await client.SendAsync((byte[])[.. Binary(source, 5000), .. Home.Token.Preamble(1), .. Encoding.ASCII.GetBytes(Backend.Pid + "\n")]);
        Assert.NotEqual("", await client.ReceiveLineAsync());
        return client;
    }

    private async Task<string?> SourceAsync(TestNode node, string from, byte[] header)
    {
        using var client = await node.ConnectFromAsync(from);
        return await client.TryAskAsync([.. header, .. Home.Token.Preamble(1), .. Encoding.ASCII.GetBytes(Backend.Source + "\n")]);
    }

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Binary(string source, ushort port, int extra = 0)
    {
        var header = new byte[28 + extra];
        "\r\n\r\n\0\r\nQUIT\n"u8.CopyTo(header);
        (header[12], header[13]) = (0x21, 0x11);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(header.Length - 16));
        IPAddress.Parse(source).TryWriteBytes(header.AsSpan(16), out _);
        IPAddress.Loopback.TryWriteBytes(header.AsSpan(20), out _);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(24), port);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(26), 80);
        return header;
    }
}
