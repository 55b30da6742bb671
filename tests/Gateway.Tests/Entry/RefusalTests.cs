using System.Text;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Entry;

/// <summary>What is said to a client that is not served, or not yet, and to those who look out for attackers.</summary>
public sealed class RefusalTests
{
    private static readonly GateOptions Telling = new() { Greeting = new GreetingOptions { Refusals = true } };

    [Theory, EachTransport]
    public async Task Whoever_waits_is_told_its_place_once(string transport)
    {
        using var rig = new EntryRig(transport, Telling);
        var (client, accepted) = await rig.MeetAsync();

        accepted.Notify(new ClientNotice.Waits(null));
        accepted.Notify(new ClientNotice.Waits(3));
        accepted.Notify(new ClientNotice.Waits(2));
        accepted.Dispose();

        Assert.Equal("busy, position 3\n", await TextAsync(client));
        Assert.Equal(["start 127.0.0.1"], rig.Seen);
    }

    [Theory, EachTransport]
    public async Task Whoever_waited_in_vain_is_told_both(string transport)
    {
        using var rig = new EntryRig(transport, Telling);
        var (client, accepted) = await rig.MeetAsync();

        accepted.Notify(new ClientNotice.Waits(12));
        accepted.Notify(new ClientNotice.Denied());
        accepted.Dispose();

        Assert.Equal("busy, position 12\ndenied\n", await TextAsync(client));
    }

    [Theory, EachTransport]
    public async Task Not_accepted_and_denied_are_the_same_bytes(string transport)
    {
        foreach (var notices in (ClientNotice[][])[[new ClientNotice.Denied()], [new ClientNotice.NotAccepted()], [new ClientNotice.NotAccepted(), new ClientNotice.NotAccepted(), new ClientNotice.Denied()]])
        {
            using var rig = new EntryRig(transport, Telling);
            var (client, accepted) = await rig.MeetAsync();

            Array.ForEach(notices, accepted.Notify);
            accepted.Dispose();

            Assert.Equal("denied\n", await TextAsync(client));
            Assert.Equal(notices is [ClientNotice.Denied] ? [] : ["failed 127.0.0.1"], rig.Seen);
        }
    }

    [Theory, EachTransport]
    public async Task Unless_it_is_asked_for_nobody_is_told_anything(string transport)
    {
        using var rig = new EntryRig(transport);
        var (client, accepted) = await rig.MeetAsync();

        accepted.Notify(new ClientNotice.Waits(1));
        accepted.Notify(new ClientNotice.NotAccepted());
        accepted.Notify(new ClientNotice.Denied());
        accepted.Dispose();

        await client.ExpectEndAsync();
        Assert.Equal(["start 127.0.0.1", "failed 127.0.0.1"], rig.Seen);
    }

    [Theory, EachTransport]
    public async Task Whoever_cannot_be_told_is_reset_and_its_place_given_back(string transport)
    {
        using var rig = new EntryRig(transport, Telling);
        var (client, accepted) = await rig.MeetAsync();
        client.Reset();
        await accepted.WaitForResetAsync(default).WaitAsync(RawSocket.Deadline);

        accepted.Notify(new ClientNotice.Waits(1));

        Assert.Equal(1, rig.Places.Single().Returns);

        // It may be its turn before anybody has heard of it.
        var (server, session) = await rig.StartAsync(accepted);
        await server.ExpectResetAsync();
        Assert.Equal(new SessionEnd(SessionEndCause.ClientReset, 0, 0), await session.Completion.WaitAsync(RawSocket.Deadline));
        Assert.Equal(1, rig.Places.Single().Returns);
    }

    [Theory, EachTransport]
    public async Task What_is_asked_before_the_preamble_is_asked_of_the_client(string transport)
    {
        using var rig = new EntryRig(transport);
        var (_, first) = await rig.MeetAsync();
        Assert.True(await first.PassAsync(default));

        rig.Work = source => source.Address.ToString() != "127.0.0.1" ? null : async (socket, token) => await socket.WriteAsync("solve\n"u8.ToArray(), token) && await socket.ReadAsync(new byte[2], token) == 2 ? WorkOutcome.Done : WorkOutcome.NoAnswer;
        var (client, second) = await rig.MeetAsync();
        var passing = second.PassAsync(default).AsTask();
        await EntryRig.ExpectAsync(client, "solve\n");
        await client.SendAsync("ok"u8.ToArray());
        Assert.True(await passing.WaitAsync(RawSocket.Deadline));

        var (third, refusing) = await rig.MeetAsync();
        third.EndSending();
        Assert.False(await refusing.PassAsync(default).AsTask().WaitAsync(RawSocket.Deadline));
        refusing.Notify(new ClientNotice.NotAccepted());
        Assert.Equal(["failed 127.0.0.1"], rig.Seen);
    }

    [Theory, EachTransport]
    public async Task Whose_work_nobody_has_the_time_to_check_is_refused_and_not_blamed(string transport)
    {
        using var rig = new EntryRig(transport, new GateOptions { Greeting = new() { Refusals = true } });
        rig.Work = _ => (_, _) => new(WorkOutcome.TurnedAway);
        var (client, accepted) = await rig.MeetAsync();

        Assert.False(await accepted.PassAsync(default));
        accepted.Notify(new ClientNotice.NotAccepted());
        accepted.Dispose();

        Assert.Equal("denied\n", await TextAsync(client));
        Assert.Empty(rig.Seen);
    }

    private static async Task<string> TextAsync(RawSocket client) => Encoding.ASCII.GetString(await client.ReceiveToEndAsync());
}
