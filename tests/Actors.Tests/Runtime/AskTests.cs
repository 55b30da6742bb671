using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class AskTests
{
    private readonly ActorLab _lab = new();
    private readonly List<ReplyTo<int>> _kept = [];
    private readonly ActorRef<Question> _actor;

    public AskTests() => _actor = _lab.Spawn(Answering);

    [Fact]
    public async Task An_answer_ends_the_question()
    {
        var answer = Ask("answer");
        _lab.Run();
        Assert.Equal(42, await answer.WaitAsync(TestProbe<string>.Deadline));
    }

    [Fact]
    public async Task A_second_answer_is_dropped()
    {
        var answer = Ask("keep");
        _lab.Run();
        _kept[0].Reply(1);
        _kept[0].Reply(2);
        Assert.Equal(1, await answer.WaitAsync(TestProbe<string>.Deadline));
    }

    [Fact]
    public async Task A_question_fails_when_its_target_stops_before_it_has_answered()
    {
        var handled = Ask("keep");
        _lab.Run();
        var waiting = Ask("keep");
        _lab.Stop(_actor);
        await Assert.ThrowsAsync<AskFailedException>(() => handled.WaitAsync(TestProbe<string>.Deadline));
        await Assert.ThrowsAsync<AskFailedException>(() => waiting.WaitAsync(TestProbe<string>.Deadline));
    }

    [Fact]
    public async Task A_question_to_the_dead_fails_at_once()
    {
        _lab.Stop(_actor);
        await Assert.ThrowsAsync<AskFailedException>(() => Ask("answer").WaitAsync(TestProbe<string>.Deadline));
        Assert.Equal(1, _lab.System.DeadLetters.Count);
    }

    [Fact]
    public async Task A_question_fails_at_once_when_its_target_does_and_not_after_the_wait_for_the_restart()
    {
        var kept = Ask("keep");
        _lab.Run();
        var failing = Ask("fail");
        _lab.Run();
        await Assert.ThrowsAsync<AskFailedException>(() => kept.WaitAsync(TestProbe<string>.Deadline));
        await Assert.ThrowsAsync<AskFailedException>(() => failing.WaitAsync(TestProbe<string>.Deadline));
    }

    [Fact]
    public async Task A_question_that_comes_while_a_restart_waits_is_answered_after_it()
    {
        var failing = Ask("fail");
        _lab.Run();
        var later = Ask("answer");
        _lab.AdvanceSeconds(1);
        Assert.Equal(42, await later.WaitAsync(TestProbe<string>.Deadline));
        await Assert.ThrowsAsync<AskFailedException>(() => failing.WaitAsync(TestProbe<string>.Deadline));
    }

    [Fact]
    public async Task A_question_can_be_given_up_and_its_answer_is_dropped()
    {
        using var giveUp = new CancellationTokenSource();
        var answer = _actor.AskAsync<Question, int>(reply => new Question("keep", reply), giveUp.Token);
        _lab.Run();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer.WaitAsync(TestProbe<string>.Deadline));
        _kept[0].Reply(1);
    }

    [Fact]
    public async Task A_thousand_questions_leave_no_watchers_behind()
    {
        for (var i = 0; i < 1000; i++)
        {
            var answer = Ask("answer");
            _lab.Run();
            await answer.WaitAsync(TestProbe<string>.Deadline);
            _lab.Run();
        }

        Assert.Equal(0, _actor.Cell.WatcherCount);
    }

    [Fact]
    public async Task A_question_that_cannot_be_made_leaves_no_watcher_behind()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => _actor.AskAsync<Question, int>(
            _ => throw new InvalidOperationException("planned")));
        _lab.Run();
        Assert.Equal(0, _actor.Cell.WatcherCount);
    }

    private Task<int> Ask(string text) => _actor.AskAsync<Question, int>(reply => new Question(text, reply));

    private TestActor<Question> Answering() => new()
    {
        OnReceive = (_, question) =>
        {
            switch (question.Text)
            {
                case "answer":
                    question.ReplyTo.Reply(42);
                    break;
                case "keep":
                    _kept.Add(question.ReplyTo);
                    break;
                default:
                    throw new InvalidOperationException("planned");
            }
        },
    };

    private sealed record Question(string Text, ReplyTo<int> ReplyTo);
}
