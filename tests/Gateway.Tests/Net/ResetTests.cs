using Instancer.Actors.Connections;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

public sealed class ResetTests
{
    [Theory, EachTransport]
    public async Task A_clients_reset_is_a_reset_at_the_backend(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        client.Reset();

        await server.ExpectResetAsync();
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task A_backends_reset_is_a_reset_at_the_client(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        server.Reset();

        await client.ExpectResetAsync();
        await AssertEndedAsync(session, SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task What_arrived_before_a_reset_is_delivered_before_it(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();
        var bytes = new byte[30_000];

        await server.SendAsync(bytes);
        server.Reset();

        Assert.Equal(bytes, await client.ReceiveToResetAsync());
        await AssertEndedAsync(session, SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task A_reset_after_the_same_sides_end_is_passed_on(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        client.EndSending();
        await server.ExpectEndAsync();
        client.Reset();

        // The end was read already: what a server sees now is that its answer finds nobody.
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
        await AssertGoneAsync(server);
    }

    [Theory, EachTransport]
    public async Task A_reset_is_passed_on_though_the_reader_is_stuck(string transport)
    {
        using var rig = new Rig(transport, backendReceiveBuffer: 16 * 1024);
        var (client, server, session) = await rig.StartAsync();
        var sending = client.SendAsync(new byte[64 * 1024 * 1024]);
        await server.ReceiveAsync(1);

        client.Reset();

        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
        await server.ReceiveToResetAsync();
    }

    [Theory, EachTransport]
    public async Task A_reset_that_is_met_while_writing_is_passed_on(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();
        var sending = SendUntilLostAsync(server);
        await client.ReceiveAsync(100_000);

        client.Reset();

        await sending;
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task A_client_that_closes_with_answers_unread_is_passed_on(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();
        var sending = SendUntilLostAsync(server);
        await client.ReceiveAsync(1);

        client.Dispose();

        await sending;
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task Revoking_resets_both_sides_at_once(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();

        session.Reset();
        session.Reset();

        await client.ExpectResetAsync();
        await server.ExpectResetAsync();
        await AssertEndedAsync(session, SessionEndCause.Revoked);
    }

    [Theory, EachTransport]
    public async Task Revoking_resets_a_session_that_is_stuck(string transport)
    {
        using var rig = new Rig(transport, backendReceiveBuffer: 16 * 1024);
        var (client, server, session) = await rig.StartAsync();
        var sending = SendUntilLostAsync(client);
        await server.ReceiveAsync(1);

        session.Reset();

        await sending;
        await AssertEndedAsync(session, SessionEndCause.Revoked);
        await server.ReceiveToResetAsync();
    }

    [Theory, EachTransport]
    public async Task Resetting_a_session_that_ended_changes_nothing(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();
        client.Dispose();
        server.Dispose();
        await AssertEndedAsync(session, SessionEndCause.Finished);

        session.Reset();

        await AssertEndedAsync(session, SessionEndCause.Finished);
    }

    [Theory, EachTransport]
    public async Task A_session_may_start_with_a_client_that_has_reset_already(string transport)
    {
        using var rig = new Rig(transport);
        var (client, accepted) = await rig.AcceptAsync();
        var (server, dialled) = await rig.DialAsync();
        client.Reset();
        await accepted.WaitForResetAsync(default).WaitAsync(RawSocket.Deadline);

        var session = rig.Transport.Start(accepted, dialled);

        await AssertEndedAsync(session, SessionEndCause.ClientReset);
        await server.ExpectResetAsync();
    }

    private static async Task AssertEndedAsync(ISession session, SessionEndCause cause) =>
        Assert.Equal(cause, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);

    private static async Task SendUntilLostAsync(RawSocket socket)
    {
        var chunk = new byte[256 * 1024];
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(async () =>
        {
            while (true)
            {
                await socket.SendAsync(chunk);
            }
        });
    }

    private static async Task AssertGoneAsync(RawSocket socket) =>
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => socket.SendAsync(new byte[1]));
}
