using System.Diagnostics;
using Instancer.Actors.Connections;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

/// <summary>What a session that is held to a rate costs the others.</summary>
[Collection(Alone.Name)]
public sealed class NoisySessionTests
{
    [Theory, EachTransport]
    public async Task Honest_sessions_do_not_notice_one_that_sends_without_pause(string transport)
    {
        const int Sessions = 20;
        const int Rate = 100_000;
        using var rig = new Rig(transport);
        var honest = new List<(RawSocket Client, RawSocket Server, ISession Session)>();
        for (var i = 0; i < Sessions; i++)
        {
            honest.Add(await rig.StartAsync());
        }

        await RoundTripsAsync(honest);
        var quiet = await RoundTripsAsync(honest);
        var watch = Stopwatch.StartNew();
        var (client, server, noisy) = await rig.StartAsync(terms: RelayExtensions.Alone with { BytesPerSecond = Rate });
        var sending = Task.WhenAll(SendUntilLostAsync(client), SendUntilLostAsync(server));
        var reading = Task.WhenAll(ReceiveUntilLostAsync(server), ReceiveUntilLostAsync(client));
        await Eventually.TrueAsync(() => noisy.BytesRelayed > 2 * Rate, "the first second's worth is used up");

        var withNoise = await RoundTripsAsync(honest);

        Assert.InRange(noisy.BytesRelayed, 0, 2 * (Rate + (Rate * watch.Elapsed.TotalSeconds)));
        noisy.Reset();
        await sending;
        await reading;

        // Unheld it would have a turn of a megabyte between any two of theirs. A little is for the machine's own moods.
        Assert.InRange(withNoise, TimeSpan.Zero, (3 * quiet) + TimeSpan.FromMilliseconds(2));
    }

    [LinuxTheory, EachTransport]
    public async Task A_session_that_waits_takes_no_turns(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync(terms: RelayExtensions.Alone with { BytesPerSecond = 400 });
        var sending = SendUntilLostAsync(client);
        await server.ReceiveAsync(450);
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);

        // A second and a half, in which it wakes 30 times.
        await server.ReceiveAsync(600);

        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(1), RawSocket.Deadline);
        Assert.InRange(Environment.CpuUsage.TotalTime - before, TimeSpan.Zero, watch.Elapsed / 4);
        session.Reset();
        await sending;
    }

    /// <summary>The median of many round trips, all sessions at once.</summary>
    private static async Task<TimeSpan> RoundTripsAsync(IEnumerable<(RawSocket Client, RawSocket Server, ISession Session)> sessions)
    {
        var all = await Task.WhenAll(sessions.Select(session => Task.Run(async () =>
        {
            var times = new List<TimeSpan>();
            for (var i = 0; i < 100; i++)
            {
                var watch = Stopwatch.StartNew();
                await session.Client.SendAsync(new byte[1]);
                await session.Server.ReceiveAsync(1);
                await session.Server.SendAsync(new byte[1]);
                await session.Client.ReceiveAsync(1);
                times.Add(watch.Elapsed);
            }

            return times;
        })));
        var sorted = all.SelectMany(times => times).Order().ToList();
        return sorted[sorted.Count / 2];
    }

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

    // The reset may be the sender's to see; then this sees an end.
    private static async Task ReceiveUntilLostAsync(RawSocket socket)
    {
        var lost = await Record.ExceptionAsync(async () =>
        {
            while (true)
            {
                await socket.ReceiveAsync(1000);
            }
        });
        Assert.True(lost is InvalidOperationException or System.Net.Sockets.SocketException, $"{lost}");
    }
}
