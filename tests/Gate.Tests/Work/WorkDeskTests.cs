using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.TestKit.Net;

namespace Instancer.Gate.Tests.Work;

public sealed class WorkDeskTests : IDisposable
{
    private readonly SharedTime _time = new();
    private readonly WorkDesk _desk;
    private WorkDeskOptions _options = new() { Share = 1, Waiting = 3 };

    // A squaring is said to cost half a second, so that a check of two uses a full budget up.
    public WorkDeskTests() => _desk = new WorkDesk(() => _options, _time, squaring: 0.5);

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task What_is_right_is_accepted_and_what_is_wrong_is_not()
    {
        using var desk = new WorkDesk(() => _options, TimeProvider.System);
        var challenge = desk.Ask(3);
        Assert.Equal(WorkOutcome.Done, await desk.CheckAsync(challenge, challenge.Solve(), default).WaitAsync(RawSocket.Deadline));
        Assert.Equal(WorkOutcome.Wrong, await desk.CheckAsync(challenge, desk.Ask(3).Solve(), default).WaitAsync(RawSocket.Deadline));
    }

    [Fact]
    public async Task No_start_comes_twice_whoever_asks()
    {
        using var other = new WorkDesk(() => _options, _time, squaring: 0.5);
        var starts = await Task.WhenAll(Enumerable.Range(0, 8).Select(asker =>
            Task.Run(() => Enumerable.Range(0, 20_000).Select(_ => (asker % 2 == 0 ? _desk : other).Ask(1).Start).ToArray())));
        Assert.Equal(160_000, starts.SelectMany(some => some).Distinct().Count());
        Assert.DoesNotContain(starts.SelectMany(some => some), start => start < UInt128.MaxValue >> 64);
    }

    [Fact]
    public async Task Past_the_budget_answers_wait_their_turn_and_past_the_bound_they_are_turned_away()
    {
        var first = await UseUpAsync();
        var waiting = Enumerable.Range(0, 3).Select(_ => Check(2)).ToArray();
        Assert.Equal(3, _desk.Waiting);
        Assert.Equal(WorkOutcome.TurnedAway, await Check(2));
        Assert.Equal(WorkOutcome.Done, await first);

        // The budget is at zero: the first that waits may go at once, each further one a second after the one before.
        for (var i = 0; i < waiting.Length; i++)
        {
            await Eventually.TrueAsync(() => _time.IsAwaited, "the next answer waits for its turn");
            Assert.All(waiting[i..], next => Assert.False(next.IsCompleted));
            _time.Advance(TimeSpan.FromMilliseconds(i == 0 ? 1 : 1001));
            Assert.Equal(WorkOutcome.Done, await waiting[i].WaitAsync(RawSocket.Deadline));
        }

        await Eventually.TrueAsync(() => _desk.Waiting == 0, "nothing waits");
        _options = _options with { Waiting = 1 };
        var last = Check(2);
        Assert.Equal(WorkOutcome.TurnedAway, await Check(2));
        await Eventually.TrueAsync(() => _time.IsAwaited, "the next answer waits for its turn");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(WorkOutcome.Done, await last.WaitAsync(RawSocket.Deadline));
    }

    [Fact]
    public async Task Whoever_gives_up_is_not_checked_and_costs_nothing()
    {
        await (await UseUpAsync());
        using var patience = new CancellationTokenSource();
        var gone = Check(1_000_000, patience.Token);
        var next = Check(1);
        await Eventually.TrueAsync(() => _time.IsAwaited, "the first answer waits for its turn");
        await patience.CancelAsync();
        Assert.Equal(WorkOutcome.NoAnswer, await gone);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(WorkOutcome.Done, await next.WaitAsync(RawSocket.Deadline));
    }

    [Fact]
    public async Task A_desk_that_closes_turns_away_who_waits_and_who_comes()
    {
        await (await UseUpAsync());
        var waiting = new[] { Check(2), Check(2) };
        await Eventually.TrueAsync(() => _time.IsAwaited, "the first answer waits for its turn");
        _desk.Dispose();
        _desk.Dispose();
        Assert.All(await Task.WhenAll(waiting).WaitAsync(RawSocket.Deadline), outcome => Assert.Equal(WorkOutcome.TurnedAway, outcome));
        await _desk.Checking.WaitAsync(RawSocket.Deadline);
        Assert.Equal(WorkOutcome.TurnedAway, await Check(2));
        Assert.Equal(0, _desk.Waiting);
    }

    private async Task<Task<WorkOutcome>> UseUpAsync()
    {
        var first = Check(2);
        await Eventually.TrueAsync(() => _desk.Waiting == 0, "the first answer is checked");
        return first;
    }

    // The answer 0 is right without any work: it becomes 1, and that 0 again.
    private Task<WorkOutcome> Check(int difficulty, CancellationToken cancellationToken = default)
    {
        var isEven = difficulty % 2 == 0;
        return _desk.CheckAsync(new WorkChallenge(difficulty, isEven ? UInt128.Zero : UInt128.One), default, cancellationToken);
    }
}
