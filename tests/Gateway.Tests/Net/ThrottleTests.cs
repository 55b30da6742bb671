using System.Diagnostics;
using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>Sessions that are held to a rate.</summary>
public sealed class ThrottleTests
{
    /// <summary>What is sent to a session that is to be found waiting: at <see cref="Slow"/> it would take minutes.</summary>
    private const int Much = 200_000;

    private static readonly SessionTerms Slow = RelayExtensions.Alone with { BytesPerSecond = 1000 };

    [Theory, EachTransport]
    public async Task No_direction_passes_more_than_its_rate_and_one_second_of_it(string transport)
    {
        const int Rate = 1_000_000;
        using var rig = new Rig(transport);
        var watch = Stopwatch.StartNew();
        var (client, server, _) = await rig.StartAsync(terms: RelayExtensions.Alone with { BytesPerSecond = Rate });
        var bytes = RandomNumberGenerator.GetBytes(5 * Rate / 2);

        var sending = Task.WhenAll(client.SendAsync(bytes), server.SendAsync(bytes));
        var (there, back) = (ReceiveAsync(server), ReceiveAsync(client));

        Assert.Equal(bytes, await there);
        Assert.Equal(bytes, await back);
        await sending;

        // Each by itself: 1.5 seconds for what is over the first second's worth. Much more would be another's time, too.
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(15));

        async Task<byte[]> ReceiveAsync(RawSocket socket)
        {
            const int Piece = 20_000;
            using var all = new MemoryStream();
            while (all.Length < bytes.Length)
            {
                all.Write(await socket.ReceiveAsync(Piece));
                Assert.InRange(all.Length, Piece, Rate + (Rate * watch.Elapsed.TotalSeconds));
            }

            return all.ToArray();
        }
    }

    [Theory, EachTransport]
    public async Task A_sender_that_is_too_fast_has_to_wait(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync(terms: Slow);

        var sending = client.SendAsync(new byte[64 * 1024 * 1024]);
        await server.ReceiveAsync(1500);

        Assert.False(sending.IsCompleted);
        session.Reset();
        await Assert.ThrowsAsync<System.Net.Sockets.SocketException>(() => sending);
    }

    [Theory, EachTransport]
    public async Task An_end_comes_after_the_bytes_that_had_to_wait(string transport)
    {
        using var rig = new Rig(transport);
        var watch = Stopwatch.StartNew();
        var (client, server, session) = await rig.StartAsync(terms: RelayExtensions.Alone with { BytesPerSecond = 50_000 });
        var (question, answer) = (RandomNumberGenerator.GetBytes(75_000), RandomNumberGenerator.GetBytes(50_000));

        await client.SendAsync(question);
        client.EndSending();
        Assert.Equal(question, await server.ReceiveToEndAsync());
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.5), RawSocket.Deadline);
        await server.SendAsync(answer);
        server.Dispose();

        Assert.Equal(answer, await client.ReceiveToEndAsync());
        Assert.Equal(new SessionEnd(SessionEndCause.Finished, question.Length, answer.Length), await session.Completion.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_clients_reset_is_passed_on_though_its_bytes_have_to_wait(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await StartWaitingAsync(rig);

        client.Reset();

        Assert.InRange((await server.ReceiveToResetAsync()).Length, 0, Much / 2);
        await AssertEndedAsync(session, SessionEndCause.ClientReset);
    }

    [Theory, EachTransport]
    public async Task A_backends_reset_is_passed_on_though_bytes_for_it_have_to_wait(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await StartWaitingAsync(rig);

        server.Reset();

        await client.ExpectResetAsync();
        await AssertEndedAsync(session, SessionEndCause.BackendReset);
    }

    [Theory, EachTransport]
    public async Task Revoking_resets_a_session_that_waits(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await StartWaitingAsync(rig);

        session.Reset();

        await client.ExpectResetAsync();
        Assert.InRange((await server.ReceiveToResetAsync()).Length, 0, Much / 2);
        await AssertEndedAsync(session, SessionEndCause.Revoked);
    }

    [Theory, EachTransport]
    public async Task A_session_whose_sender_ends_while_it_waits_can_still_be_revoked(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await StartWaitingAsync(rig);

        client.EndSending();
        await server.ReceiveAsync(100);
        session.Reset();

        Assert.InRange((await server.ReceiveToResetAsync()).Length, 0, Much / 2);
        await AssertEndedAsync(session, SessionEndCause.Revoked);
    }

    private static async Task<(RawSocket Client, RawSocket Server, ISession Session)> StartWaitingAsync(Rig rig)
    {
        var through = await rig.StartAsync(terms: Slow);
        await through.Client.SendAsync(new byte[Much]);
        await through.Server.ReceiveAsync(1010);
        return through;
    }

    private static async Task AssertEndedAsync(ISession session, SessionEndCause cause) =>
        Assert.Equal(cause, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);
}
