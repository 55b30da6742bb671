using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

public sealed class WaitForResetTests
{
    [Theory, EachTransport]
    public async Task A_reset_ends_it(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var waiting = accepted.WaitForResetAsync(default);

        client.Reset();

        await waiting.WaitAsync(RawSocket.Deadline);
    }

    [Theory, EachTransport]
    public async Task A_reset_before_the_wait_ends_it_too(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        client.Reset();

        await accepted.WaitForResetAsync(default).WaitAsync(RawSocket.Deadline);
    }

    [Theory, EachTransport]
    public async Task A_reset_behind_unread_payload_ends_it(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var waiting = accepted.WaitForResetAsync(default);

        await client.SendAsync(new byte[10_000]);
        client.Reset();

        await waiting.WaitAsync(RawSocket.Deadline);
    }

    [Theory, EachTransport]
    public async Task A_reset_behind_an_end_ends_it(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var waiting = accepted.WaitForResetAsync(default);

        await client.SendAsync(new byte[10_000]);
        client.EndSending();
        client.Reset();

        await waiting.WaitAsync(RawSocket.Deadline);
    }

    [Theory, EachTransport]
    public async Task Payload_and_an_end_do_not_end_it_but_cancelling_does(string transport)
    {
        using var rig = new Rig(transport);
        using var cancellation = new CancellationTokenSource();
        var (client, accepted) = await rig.AcceptAsync();
        var waiting = accepted.WaitForResetAsync(cancellation.Token);

        await client.SendAsync(new byte[10_000]);
        client.EndSending();
        var (server, dialled) = await rig.DialAsync();
        Assert.False(waiting.IsCompleted);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(RawSocket.Deadline));

        // Nothing was read meanwhile, and the session takes over.
        rig.Transport.Start(accepted, dialled);
        Assert.Equal(10_000, (await server.ReceiveToEndAsync()).Length);
    }

    [Theory, EachTransport]
    public async Task A_session_may_start_while_the_wait_is_on(string transport)
    {
        using var rig = new Rig(transport);
        using var cancellation = new CancellationTokenSource();
        var (client, accepted) = await rig.AcceptAsync();
        var waiting = accepted.WaitForResetAsync(cancellation.Token);
        var (server, dialled) = await rig.DialAsync();

        rig.Transport.Start(accepted, dialled);
        await cancellation.CancelAsync();

        await client.SendAsync("hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await server.ReceiveAsync(5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(RawSocket.Deadline));
    }
}
