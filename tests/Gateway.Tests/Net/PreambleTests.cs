using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

public sealed class PreambleTests
{
    private static readonly byte[] Sent = RandomNumberGenerator.GetBytes(Preamble.Length);

    [Theory, EachTransport]
    public async Task One_byte_at_a_time_is_as_good_as_all_at_once(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var reading = accepted.ReadPreambleAsync(default);

        for (var i = 0; i < Sent.Length; i++)
        {
            Assert.False(reading.IsCompleted);
            await client.SendAsync(Sent.AsMemory(i, 1));
        }

        AssertSent(await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Payload_behind_it_stays_in_the_socket_for_the_backend(string transport)
    {
        using var rig = new Rig(transport);
        var payload = RandomNumberGenerator.GetBytes(1_000_000);
        var (client, accepted) = await rig.AcceptAsync();
        var sending = client.SendAsync((byte[])[.. Sent, .. payload]);

        AssertSent(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));

        var (server, dialled) = await rig.DialAsync();
        rig.Transport.Start(accepted, dialled);
        Assert.Equal(payload, await server.ReceiveAsync(payload.Length));
        await sending;
    }

    [Theory, EachTransport]
    public async Task An_end_after_129_bytes_is_incomplete(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var reading = accepted.ReadPreambleAsync(default);

        await client.SendAsync(Sent.AsMemory(0, 129));
        client.EndSending();

        Assert.Equal(new PreambleOutcome.Incomplete(129), await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_reset_in_the_middle_is_incomplete(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var reading = accepted.ReadPreambleAsync(default);

        await client.SendAsync(Sent.AsMemory(0, 50));
        client.Reset();

        Assert.IsType<PreambleOutcome.Incomplete>(await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_cancelled_read_is_incomplete_at_once(string transport)
    {
        using var rig = new Rig(transport);
        using var timeout = new CancellationTokenSource();
        var (client, accepted) = await rig.AcceptAsync();
        await client.SendAsync(Sent.AsMemory(0, 10));
        var reading = accepted.ReadPreambleAsync(timeout.Token);

        await timeout.CancelAsync();

        Assert.IsType<PreambleOutcome.Incomplete>(await reading.WaitAsync(RawSocket.Deadline));
        Assert.IsType<PreambleOutcome.Incomplete>(await accepted.ReadPreambleAsync(timeout.Token).WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Closing_ends_a_read_under_way(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var reading = accepted.ReadPreambleAsync(default);

        accepted.Dispose();

        Assert.Equal(new PreambleOutcome.Incomplete(0), await reading.WaitAsync(RawSocket.Deadline));
        await client.ExpectEndAsync();
    }

    [Theory, EachTransport]
    public async Task Closing_without_a_session_sends_nothing(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        await client.SendAsync(Sent);
        AssertSent(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));

        accepted.Dispose();
        accepted.Dispose();
        accepted.Reset();

        await client.ExpectEndAsync();
    }

    [Theory, EachTransport]
    public async Task Resetting_without_a_session_is_seen_as_a_reset(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();

        accepted.Reset();
        accepted.Reset();
        accepted.Dispose();

        await client.ExpectResetAsync();
    }

    private static void AssertSent(PreambleOutcome outcome)
    {
        var preamble = Assert.IsType<PreambleOutcome.Complete>(outcome).Preamble;
        Assert.Equal(Sent.AsSpan(0, Preamble.TokenLength), preamble.Token);
        Assert.Equal((ushort)((Sent[128] << 8) | Sent[129]), preamble.Identifier);
    }
}
