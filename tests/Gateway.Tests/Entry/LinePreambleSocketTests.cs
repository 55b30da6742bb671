using System.Security.Cryptography;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gateway.Tests.Net;
using Instancer.Gateway.Tokens;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Entry;

/// <summary>A preamble that is typed, over real sockets.</summary>
public sealed class LinePreambleSocketTests
{
    private static readonly byte[] Token = TokenText.New();
    private static readonly GateOptions Line = new() { Greeting = new GreetingOptions { Form = PreambleForm.Line } };

    [Theory, EachTransport]
    public async Task One_byte_at_a_time_is_as_good_as_all_at_once(string transport)
    {
        using var rig = new EntryRig(transport, Line);
        var (client, accepted) = await rig.MeetAsync();
        var reading = accepted.ReadPreambleAsync(default);

        foreach (var one in (byte[])[.. Token, .. " 258\r\n"u8])
        {
            Assert.False(reading.IsCompleted);
            await client.SendAsync(new[] { one });
        }

        AssertSent(258, await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Payload_behind_the_line_stays_in_the_socket_for_the_backend(string transport)
    {
        foreach (var (end, identifier) in ((string, int)[])[("\n", 1), ("\r\n", 1), (" 0\n", 0), (" 65535\n", 65535), (" 7\r\n", 7)])
        {
            using var rig = new EntryRig(transport, Line);
            byte[] payload = [.. "\n\r\n 1\n"u8, .. RandomNumberGenerator.GetBytes(100_000)];
            var client = await rig.ConnectAsync();
            var sending = client.SendAsync((byte[])[.. Token, .. EntryRig.Bytes(end), .. payload]);
            var accepted = await rig.AcceptAsync();

            AssertSent(identifier, await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));

            var (server, _) = await rig.StartAsync(accepted);
            Assert.Equal(payload, await server.ReceiveAsync(payload.Length));
            await sending;
        }
    }

    [Theory, EachTransport]
    public async Task The_prompt_comes_first_and_nothing_else(string transport)
    {
        using var rig = new EntryRig(transport, Line with { Greeting = Line.Greeting with { Prompt = "Your token, please: é " } });
        var (client, accepted) = await rig.MeetAsync();
        var reading = accepted.ReadPreambleAsync(default);

        await EntryRig.ExpectAsync(client, "Your token, please: é ");
        await client.SendAsync((byte[])[.. Token, (byte)'\n']);

        AssertSent(1, await reading.WaitAsync(RawSocket.Deadline));
        accepted.Dispose();
        await client.ExpectEndAsync();
    }

    [Theory, EachTransport]
    public async Task Another_line_is_malformed_and_not_a_byte_is_said_to_it(string transport)
    {
        using var rig = new EntryRig(transport, Line);
        var (client, accepted) = await rig.MeetAsync([.. Token, .. " x\n"u8]);

        Assert.IsType<PreambleOutcome.Malformed>(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));

        client.EndSending();
        await accepted.WaitForEndAsync(default).WaitAsync(RawSocket.Deadline);
        accepted.Notify(new ClientNotice.NotAccepted());
        accepted.Dispose();
        await Forwarding.PeerRig.AssertNothingCameAsync(client);
    }

    [Theory, EachTransport]
    public async Task A_line_that_is_too_short_is_seen_when_it_ends(string transport)
    {
        using var rig = new EntryRig(transport, Line);
        var (_, accepted) = await rig.MeetAsync("hello\n"u8.ToArray());

        Assert.IsType<PreambleOutcome.Malformed>(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task An_end_in_the_middle_is_incomplete(string transport)
    {
        using var rig = new EntryRig(transport, Line);
        var (client, accepted) = await rig.MeetAsync([.. Token, .. " 12"u8]);

        client.EndSending();

        Assert.Equal(new PreambleOutcome.Incomplete(131), await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Given_up_it_is_incomplete_at_once(string transport)
    {
        using var rig = new EntryRig(transport, Line);
        using var late = new CancellationTokenSource();
        var (_, accepted) = await rig.MeetAsync(Token);
        var reading = accepted.ReadPreambleAsync(late.Token);

        await late.CancelAsync();

        Assert.IsType<PreambleOutcome.Incomplete>(await reading.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task The_binary_form_is_what_it_was(string transport)
    {
        using var rig = new EntryRig(transport);
        var (client, accepted) = await rig.MeetAsync([.. Token, 1, 2, .. "payload"u8]);

        AssertSent(0x0102, await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));

        var (server, _) = await rig.StartAsync(accepted);
        await EntryRig.ExpectAsync(server, "payload");
        await server.SendAsync("answer"u8.ToArray());
        await EntryRig.ExpectAsync(client, "answer");
    }

    private static void AssertSent(int identifier, PreambleOutcome outcome)
    {
        var preamble = Assert.IsType<PreambleOutcome.Complete>(outcome).Preamble;
        Assert.Equal(Token, preamble.Token);
        Assert.Equal(identifier, preamble.Identifier);
    }
}
