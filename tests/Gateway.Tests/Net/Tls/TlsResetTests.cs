using System.Security.Authentication;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class TlsResetTests
{
    [Theory, EachTransport]
    public async Task A_clients_reset_is_a_reset_at_the_backend(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        client.Reset();

        await server.ExpectResetAsync();
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task A_backends_reset_is_a_reset_at_the_client(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        server.Reset();

        Assert.Empty(await client.ReceiveToResetAsync());
        await AssertEndedAsync(session, SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task What_arrived_before_a_reset_is_delivered_before_it(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();
        var bytes = RandomNumberGenerator.GetBytes(30_000);

        await server.SendAsync(bytes);
        server.Reset();

        // What has come to the client's machine its system still gives it, but in TLS a record that is cut is none.
        var received = await client.ReceiveToResetAsync();
        Assert.Equal(bytes, received);
        await AssertEndedAsync(session, SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task A_reset_after_the_same_sides_end_is_passed_on(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        await client.EndSendingAsync();
        await server.ExpectEndAsync();
        client.Reset();

        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task A_reset_is_passed_on_though_the_reader_is_stuck(string transport)
    {
        await using var rig = new TlsRig(transport, backendReceiveBuffer: 16 * 1024);
        var (client, server, session) = await rig.StartAsync();
        var sending = client.SendAsync(new byte[64 * 1024 * 1024]);
        await server.ReceiveAsync(1);

        client.Reset();

        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
        await server.ReceiveToResetAsync();
    }

    [Theory, EachTransport]
    public async Task A_backends_reset_is_passed_on_though_the_client_does_not_read(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync(clientReceiveBuffer: 16 * 1024);
        var sending = server.SendAsync(new byte[64 * 1024 * 1024]);
        await client.ReceiveAsync(1);

        server.Reset();

        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await AssertEndedAsync(session, SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task A_client_that_closes_with_answers_unread_is_passed_on(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();
        var sending = SendUntilLostAsync(server);
        await client.ReceiveAsync(1);

        client.Dispose();

        await sending;
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task Garbage_in_the_middle_ends_the_session_as_a_reset(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        // A record that nobody who has the keys made.
        await client.Raw.SendAsync((byte[])[23, 3, 3, 0, 32, .. RandomNumberGenerator.GetBytes(32)]);

        await server.ExpectResetAsync();
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task Random_garbage_after_the_handshake_ends_the_session_and_nothing_of_it_passes(string transport)
    {
        await using var rig = new TlsRig(transport);
        var random = new Random(3);
        for (var i = 0; i < 50; i++)
        {
            var garbage = new byte[random.Next(6, 300)];
            random.NextBytes(garbage);
            garbage[0] = (byte)random.Next(19, 26);
            garbage[1] = 3;
            garbage[3] = 0;
            var (client, server, session) = await rig.StartAsync(i % 2 == 0 ? SslProtocols.Tls12 : SslProtocols.Tls13);

            await client.Raw.SendAsync(garbage);
            client.Raw.EndSending();
            server.EndSending();

            var end = await session.Completion.WaitAsync(RawSocket.Deadline);
            Assert.Equal((SessionEndCause.ClientReset, 0L), (end.Cause, end.BytesFromClient));
        }
    }

    [Theory, EachTransport]
    public async Task Revoking_resets_both_sides_at_once(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();

        session.Reset();
        session.Reset();

        await server.ExpectResetAsync();
        Assert.Empty(await client.ReceiveToResetAsync());
        await AssertEndedAsync(session, SessionEndCause.Revoked);
    }

    [Theory, EachTransport]
    public async Task Revoking_ends_a_session_that_is_stuck(string transport)
    {
        await using var rig = new TlsRig(transport, backendReceiveBuffer: 16 * 1024);
        var (client, _, session) = await rig.StartAsync();
        var sending = client.SendAsync(new byte[64 * 1024 * 1024]);
        await Eventually.TrueAsync(() => session.BytesRelayed > 16 * 1024, "the backend's receive buffer is full");

        session.Reset();

        await Assert.ThrowsAnyAsync<Exception>(() => sending);
        await AssertEndedAsync(session, SessionEndCause.Revoked);
    }

    private static async Task AssertEndedAsync(ISession session, SessionEndCause cause) => Assert.Equal(cause, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);

    private static async Task SendUntilLostAsync(RawSocket socket)
    {
        var chunk = new byte[64 * 1024];
        try
        {
            while (true)
            {
                await socket.SendAsync(chunk);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
            // Lost, as it is to be.
        }
    }
}
