using System.Net;
using System.Text;
using Instancer.Gateway.Tokens;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Commands;

/// <summary><c>instancer connect</c> as a process of its own, against a raw server in the gateway's place.</summary>
public sealed class ConnectTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-connect-");
    private readonly RawBackend _gateway = new();
    private readonly byte[] _token = TokenText.New();
    private readonly List<InstancerProcess> _started = [];

    public Task InitializeAsync() => File.WriteAllBytesAsync(Path.Combine(_directory.FullName, "token"), _token);

    public async Task DisposeAsync()
    {
        foreach (var instancer in _started)
        {
            await instancer.DisposeAsync();
        }

        _gateway.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData("0", 0)]
    [InlineData("513", 513)]
    public async Task The_preamble_comes_first_and_is_the_token_and_the_identifier(string? id, int identifier)
    {
        var client = Connect(id is null ? [] : ["--id", id]);
        using var server = await _gateway.AcceptAsync();
        byte[] expected = [.. _token, (byte)(identifier >> 8), (byte)identifier];
        Assert.Equal(expected, await server.ReceiveAsync(130));
        server.Dispose();
        client.Process.StandardInput.Close();
        Assert.Equal((0, "", ""), await client.EndAsync());
    }

    [Fact]
    public async Task The_input_s_end_is_passed_on_and_what_the_server_still_sends_is_printed()
    {
        var client = Connect();
        using var server = await ServerAsync();
        await client.Process.StandardInput.WriteAsync("question");
        client.Process.StandardInput.Close();
        Assert.Equal("question", Encoding.ASCII.GetString(await server.ReceiveToEndAsync()));
        await server.SendAsync("answer"u8.ToArray());
        server.EndSending();
        Assert.Equal((0, "answer", ""), await client.EndAsync());
    }

    [Fact]
    public async Task The_server_s_end_leaves_the_other_direction_open()
    {
        var client = Connect();
        using var server = await ServerAsync();
        await server.SendAsync("greeting\n"u8.ToArray());
        server.EndSending();
        Assert.Equal("greeting", await client.OutputLineAsync("greeting"));
        await client.Process.StandardInput.WriteAsync("still here");
        client.Process.StandardInput.Close();
        Assert.Equal("still here", Encoding.ASCII.GetString(await server.ReceiveToEndAsync()));
        Assert.Equal((0, "", ""), await client.EndAsync());
    }

    [Fact]
    public async Task A_megabyte_each_way_arrives_as_it_was()
    {
        var bytes = new byte[1 << 20];
        new Random(5).NextBytes(bytes);
        var client = Connect();
        using var server = await ServerAsync();
        var sending = Task.Run(async () =>
        {
            await client.Process.StandardInput.BaseStream.WriteAsync(bytes);
            client.Process.StandardInput.Close();
        });
        var printed = new MemoryStream();
        var printing = client.Process.StandardOutput.BaseStream.CopyToAsync(printed);
        var answering = server.SendAsync(bytes);
        Assert.Equal(bytes, await server.ReceiveToEndAsync());
        await Task.WhenAll(sending, answering);
        server.EndSending();
        await printing.WaitAsync(RawSocket.Deadline);
        Assert.Equal(bytes, printed.ToArray());
    }

    [Fact]
    public async Task A_reset_is_1_and_one_line()
    {
        var client = Connect();
        var server = await ServerAsync();
        server.Reset();
        Assert.Equal((1, "", $"instancer: 127.0.0.1:{_gateway.EndPoint.Port}: Connection reset by peer\n"), await client.EndAsync());
    }

    [Fact]
    public async Task A_local_port_turns_every_connection_into_one_with_a_preamble()
    {
        var local = await ListenAsync();
        using var first = await RawSocket.ConnectAsync(local);
        using var firstServer = await ServerAsync();
        using var second = await RawSocket.ConnectAsync(local);
        using var secondServer = await ServerAsync();

        await first.SendAsync("one"u8.ToArray());
        first.EndSending();
        Assert.Equal("one", Encoding.ASCII.GetString(await firstServer.ReceiveToEndAsync()));
        await firstServer.SendAsync("answer"u8.ToArray());
        firstServer.EndSending();
        Assert.Equal("answer", Encoding.ASCII.GetString(await first.ReceiveToEndAsync()));

        await secondServer.SendAsync("two"u8.ToArray());
        secondServer.EndSending();
        Assert.Equal("two", Encoding.ASCII.GetString(await second.ReceiveToEndAsync()));
        await second.SendAsync("late"u8.ToArray());
        second.EndSending();
        Assert.Equal("late", Encoding.ASCII.GetString(await secondServer.ReceiveToEndAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Through_a_local_port_a_reset_arrives_as_a_reset(bool byServer)
    {
        var local = await ListenAsync();
        using var client = await RawSocket.ConnectAsync(local);
        using var server = await ServerAsync();
        var (from, to) = byServer ? (server, client) : (client, server);
        from.Reset();
        await to.ExpectResetAsync();
    }

    [Fact]
    public async Task A_local_port_that_is_taken_is_1_and_named()
    {
        var client = Connect("--listen", $"{_gateway.EndPoint.Port}");
        var (exitCode, _, error) = await client.EndAsync();
        Assert.Equal((1, $"instancer: cannot listen on 127.0.0.1:{_gateway.EndPoint.Port}: Address already in use\n"), (exitCode, error));
    }

    private async Task<IPEndPoint> ListenAsync()
    {
        var line = await Connect("--listen", "0").ErrorLineAsync("listening on ");
        return IPEndPoint.Parse(line["listening on ".Length..]);
    }

    private InstancerProcess Connect(params string[] words)
    {
        var instancer = InstancerProcess.Start(_directory.FullName, ["connect", $"127.0.0.1:{_gateway.EndPoint.Port}", "--token-file", "token", .. words]);
        _started.Add(instancer);
        return instancer;
    }

    // A server whose client has sent its preamble.
    private async Task<RawSocket> ServerAsync()
    {
        var server = await _gateway.AcceptAsync();
        await server.ReceiveAsync(130);
        return server;
    }
}
