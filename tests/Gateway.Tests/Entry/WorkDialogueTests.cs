using System.Text;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Net;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Entry;

/// <summary>The proof of work over real sockets.</summary>
public sealed class WorkDialogueTests : IDisposable
{
    private const int Difficulty = 3;
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);
    private readonly VirtualTime _time = new();
    private readonly WorkDesk _desk = new(() => new WorkDeskOptions(), TimeProvider.System);
    private Rig? _rig;

    public void Dispose()
    {
        _desk.Dispose();
        _rig?.Dispose();
    }

    [Theory, EachTransport]
    public async Task Whoever_answers_right_has_done_its_work_and_what_follows_is_the_preamble(string transport)
    {
        var (client, accepted) = await AcceptAsync(transport);
        var asking = Ask(accepted);
        var preamble = new byte[Preamble.Length];
        Random.Shared.NextBytes(preamble);
        byte[] answer = [.. Encoding.ASCII.GetBytes(Solution(await QuestionAsync(client))), (byte)'\n', .. preamble, .. "payload"u8];
        await client.SendAsync(answer);
        Assert.Equal(WorkOutcome.Done, await asking.WaitAsync(RawSocket.Deadline));
        var read = Assert.IsType<PreambleOutcome.Complete>(await accepted.ReadPreambleAsync(default).WaitAsync(RawSocket.Deadline));
        Assert.Equal(new Preamble(preamble).Token, read.Preamble.Token);
    }

    [Theory, EachTransport]
    public async Task An_answer_may_come_a_byte_at_a_time_and_end_as_a_terminal_s_does(string transport)
    {
        var (client, accepted) = await AcceptAsync(transport);
        var asking = Ask(accepted);
        foreach (var next in Encoding.ASCII.GetBytes(Solution(await QuestionAsync(client)) + "\r"))
        {
            await client.SendAsync(new[] { next });
            Assert.False(asking.IsCompleted);
        }

        await client.SendAsync("\n"u8.ToArray());
        Assert.Equal(WorkOutcome.Done, await asking.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task What_is_wrong_or_no_solution_is_wrong_and_nothing_is_said(string transport)
    {
        foreach (var answer in new[] { "", "s.AAAA", "nonsense", "s." + new string('A', 216), WorkCodec.Text(new WorkChallenge(Difficulty, 1).Solve()) })
        {
            var (client, accepted) = await AcceptAsync(transport);
            var asking = Ask(accepted);
            await QuestionAsync(client);
            await client.SendAsync(Encoding.ASCII.GetBytes(answer + "\n"));
            Assert.Equal(WorkOutcome.Wrong, await asking.WaitAsync(RawSocket.Deadline));
            accepted.Dispose();
            await client.ExpectEndAsync();
        }
    }

    [Theory, EachTransport]
    public async Task The_difficulty_is_the_one_that_was_asked(string transport)
    {
        var (client, accepted) = await AcceptAsync(transport);
        var asking = Ask(accepted);
        var asked = await QuestionAsync(client);
        await client.SendAsync(Encoding.ASCII.GetBytes(Solution(asked with { Difficulty = 1 }) + "\n"));
        Assert.Equal(WorkOutcome.Wrong, await asking.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_solution_is_of_no_use_to_anybody_else(string transport)
    {
        var (first, acceptedFirst) = await AcceptAsync(transport);
        var askingFirst = Ask(acceptedFirst);
        var solution = Encoding.ASCII.GetBytes(Solution(await QuestionAsync(first)) + "\n");
        await first.SendAsync(solution);
        Assert.Equal(WorkOutcome.Done, await askingFirst.WaitAsync(RawSocket.Deadline));

        var (second, acceptedSecond) = await AcceptAsync(transport);
        var askingSecond = Ask(acceptedSecond);
        await QuestionAsync(second);
        await second.SendAsync(solution);
        Assert.Equal(WorkOutcome.Wrong, await askingSecond.WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task A_line_without_an_end_is_no_answer_and_not_a_byte_more_is_read(string transport)
    {
        var (client, accepted) = await AcceptAsync(transport);
        var asking = Ask(accepted);
        await QuestionAsync(client);
        await client.SendAsync(Encoding.ASCII.GetBytes(new string('s', WorkQuestion.LongestAnswer) + "rest"));
        Assert.Equal(WorkOutcome.NoAnswer, await asking.WaitAsync(RawSocket.Deadline));
        var rest = new byte[4];
        Assert.Equal(4, await accepted.ReadAsync(rest, default).WaitAsync(RawSocket.Deadline));
        Assert.Equal("rest"u8, rest);
    }

    [Theory, EachTransport]
    public async Task Whoever_goes_or_dawdles_or_is_given_up_gives_no_answer(string transport)
    {
        var (ended, acceptedEnded) = await AcceptAsync(transport);
        var asking = Ask(acceptedEnded);
        await ended.SendAsync("s.AAAA"u8.ToArray());
        ended.EndSending();
        Assert.Equal(WorkOutcome.NoAnswer, await asking.WaitAsync(RawSocket.Deadline));

        var (slow, acceptedSlow) = await AcceptAsync(transport);
        asking = Ask(acceptedSlow);
        await QuestionAsync(slow);
        await slow.SendAsync("s.AAAA"u8.ToArray());
        _time.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(WorkOutcome.NoAnswer, await asking.WaitAsync(RawSocket.Deadline));

        using var patience = new CancellationTokenSource();
        asking = Ask((await AcceptAsync(transport)).Accepted, patience.Token);
        await patience.CancelAsync();
        Assert.Equal(WorkOutcome.NoAnswer, await asking.WaitAsync(RawSocket.Deadline));
    }

    private static async Task<WorkChallenge> QuestionAsync(RawSocket client)
    {
        var text = await client.ReceiveAsync(WorkQuestion.Text(new WorkChallenge(Difficulty, 0)).Length);
        Assert.True(WorkQuestion.TryParse(text, out var challenge));
        Assert.Equal(Difficulty, challenge.Difficulty);
        return challenge;
    }

    private static string Solution(WorkChallenge challenge) => WorkCodec.Text(challenge.Solve());

    private Task<WorkOutcome> Ask(IExactSocket socket, CancellationToken cancellationToken = default) =>
        new WorkDialogue(_desk, _time).AskAsync(socket, Difficulty, Timeout, cancellationToken);

    private async Task<(RawSocket Client, IAcceptedSocket Accepted)> AcceptAsync(string transport)
    {
        _rig ??= new Rig(transport);
        var (client, accepted) = await _rig.AcceptAsync();
        return (client, Assert.IsAssignableFrom<IAcceptedSocket>(accepted));
    }
}
