using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class TlsClientTests
{
    private static readonly byte[] Sent = RandomNumberGenerator.GetBytes(Preamble.Length);

    [Theory, EachTransport]
    public async Task Payload_behind_the_preamble_is_the_backends(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, accepted) = await rig.ConnectAsync();
        var payload = RandomNumberGenerator.GetBytes(1_000_000);
        var sending = client.SendAndEndAsync((byte[])[.. Sent, .. payload]);

        var preamble = Assert.IsType<PreambleOutcome.Complete>(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline)).Preamble;
        Assert.Equal(Sent.AsSpan(0, Preamble.TokenLength), preamble.Token);
        var (server, dialled) = await rig.Rig.DialAsync();
        rig.Relay.Start(accepted, dialled, new SessionTerms(UnlimitedTenure.Instance));

        Assert.Equal(payload, await server.ReceiveToEndAsync());
        await sending;
    }

    [Theory, EachTransport]
    public async Task An_end_after_129_bytes_is_incomplete(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, accepted) = await rig.ConnectAsync();
        var reading = accepted.ReadPreambleAsync(default);

        await client.SendAndEndAsync(Sent.AsMemory(0, 129));

        Assert.Equal(new PreambleOutcome.Incomplete(129), await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_cancelled_read_is_incomplete_at_once(string transport)
    {
        await using var rig = new TlsRig(transport);
        using var timeout = new CancellationTokenSource();
        var (client, accepted) = await rig.ConnectAsync();
        await client.SendAsync(Sent.AsMemory(0, 10));
        var reading = accepted.ReadPreambleAsync(timeout.Token);

        await timeout.CancelAsync();

        Assert.IsType<PreambleOutcome.Incomplete>(await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task What_is_written_arrives_and_few_bytes_at_once(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, accepted) = await rig.ConnectAsync();

        Assert.True(accepted.TryWrite("busy"u8));
        Assert.True(await accepted.WriteAsync(Sent, default).WaitAsync(RawSocket.Deadline));

        Assert.Equal("busy"u8.ToArray(), await client.ReceiveAsync(4));
        Assert.Equal(Sent, await client.ReceiveAsync(Sent.Length));
    }

    [Theory, EachTransport]
    public async Task Closing_says_close_notify_and_ends(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, accepted) = await rig.ConnectAsync();
        var reading = accepted.ReadPreambleAsync(default);

        accepted.Dispose();
        accepted.Dispose();
        accepted.Reset();

        Assert.Equal(new PreambleOutcome.Incomplete(0), await reading.WaitAsync(RawSocket.Deadline));
        Assert.Empty(await client.ReceiveToEndAsync());
        await client.Raw.ExpectEndAsync();
    }

    [Theory, EachTransport]
    public async Task Closing_does_not_wait_for_a_client_that_does_not_read(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (_, accepted) = await rig.ConnectAsync(receiveBuffer: 16 * 1024);
        var writing = accepted.WriteAsync(new byte[64 * 1024 * 1024], default);
        Assert.False(writing.IsCompleted);
        Assert.False(accepted.TryWrite("more"u8));

        accepted.Dispose();

        Assert.False(await writing.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Resetting_is_seen_as_a_reset(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, accepted) = await rig.ConnectAsync();

        accepted.Reset();
        accepted.Reset();
        accepted.Dispose();

        Assert.Empty(await client.ReceiveToResetAsync());
    }

    [Theory, EachTransport]
    public async Task A_reset_behind_unread_payload_is_noticed_and_an_end_is_none(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, accepted) = await rig.ConnectAsync();
        var waiting = accepted.WaitForResetAsync(default);
        await client.SendAndEndAsync(new byte[10_000]);
        Assert.Equal(1, await accepted.ReadAsync(new byte[1], default).WaitAsync(RawSocket.Deadline));
        Assert.False(waiting.IsCompleted);

        client.Reset();

        await waiting.WaitAsync(RawSocket.Deadline);
    }
}
