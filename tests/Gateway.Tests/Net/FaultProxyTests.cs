using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>Sessions on a bad network: the proxy stands between the relay and the backend or the client.</summary>
public sealed class FaultProxyTests
{
    private static readonly byte[] Bytes = RandomNumberGenerator.GetBytes(3000);

    [Theory, EachTransport]
    public async Task A_preamble_in_pieces_with_payload_behind_it_comes_through(string transport)
    {
        using var rig = new Rig(transport);
        await using var proxy = new FaultProxy(
            System.Net.IPEndPoint.Parse(rig.Listener.LocalAddress), new StreamFaults(new FaultPlan { PieceSize = 7 }, FaultPlan.None));
        using var client = await RawSocket.ConnectAsync(proxy.EndPoint);
        await client.SendAsync(Bytes);
        client.EndSending();
        var outcome = await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;

        var preamble = await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline);

        Assert.Equal(Bytes.AsSpan(0, 128), Assert.IsType<PreambleOutcome.Complete>(preamble).Preamble.Token);
        var (server, dialled) = await rig.DialAsync();
        rig.Transport.Start(accepted, dialled);
        Assert.Equal(Bytes[Preamble.Length..], await server.ReceiveToEndAsync());
    }

    [Theory, EachTransport]
    public async Task A_stall_in_the_middle_of_the_preamble_is_waited_for(string transport)
    {
        using var rig = new Rig(transport);
        var faults = new StreamFaults(new FaultPlan { StallAt = 64 }, FaultPlan.None);
        await using var proxy = new FaultProxy(System.Net.IPEndPoint.Parse(rig.Listener.LocalAddress), faults);
        using var client = await RawSocket.ConnectAsync(proxy.EndPoint);
        await client.SendAsync(Bytes);
        var outcome = await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        using var accepted = Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;
        var reading = accepted.ReadPreambleAsync(default);
        await faults.Stalled.WaitAsync(RawSocket.Deadline);
        Assert.False(reading.IsCompleted);

        faults.Resume();

        Assert.IsType<PreambleOutcome.Complete>(await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_reset_between_the_client_and_us_reaches_the_backend_behind_the_bytes_before_it(string transport)
    {
        using var rig = new Rig(transport);
        await using var proxy = new FaultProxy(
            System.Net.IPEndPoint.Parse(rig.Listener.LocalAddress), new StreamFaults(new FaultPlan { ResetAt = 1000 }, FaultPlan.None));
        using var client = await RawSocket.ConnectAsync(proxy.EndPoint);
        var outcome = await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        var (server, dialled) = await rig.DialAsync();
        var session = rig.Transport.Start(Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket, dialled);

        await client.SendAsync(Bytes);

        Assert.Equal(Bytes[..1000], await server.ReceiveToResetAsync());
        var end = await session.Completion.WaitAsync(RawSocket.Deadline);
        Assert.Equal(new SessionEnd(SessionEndCause.ClientReset, 1000, 0), end);
    }

    [Theory, EachTransport]
    public async Task An_end_between_the_client_and_us_leaves_the_other_direction_open(string transport)
    {
        using var rig = new Rig(transport);
        await using var proxy = new FaultProxy(
            System.Net.IPEndPoint.Parse(rig.Listener.LocalAddress), new StreamFaults(new FaultPlan { EndAt = 1000 }, new FaultPlan { PieceSize = 1 }));
        using var client = await RawSocket.ConnectAsync(proxy.EndPoint);
        var outcome = await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        var (server, dialled) = await rig.DialAsync();
        rig.Transport.Start(Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket, dialled);

        await client.SendAsync(Bytes);

        Assert.Equal(Bytes[..1000], await server.ReceiveToEndAsync());
        await server.SendAsync(Bytes);
        Assert.Equal(Bytes, await client.ReceiveAsync(Bytes.Length));
    }
}
