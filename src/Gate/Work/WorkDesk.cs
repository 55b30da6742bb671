using System.Threading.Channels;
using Instancer.Gate.Options;

namespace Instancer.Gate.Work;

/// <summary>
/// Makes challenges, and checks what clients answer: one answer after the other, in the order they came, on the pool, and within the budget. While the budget is used up answers wait; past the bound
/// they are turned away. Thread-safe.
/// </summary>
internal sealed class WorkDesk : IDisposable
{
    private readonly Func<WorkDeskOptions> _options;
    private readonly TimeProvider _time;
    private readonly WorkStarts _starts = new();
    private readonly Channel<Answer> _answers = Channel.CreateUnbounded<Answer>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stopped = new();
    private readonly WorkBudget _budget;
    private readonly Lazy<double> _squaring;
    private int _waiting;

    /// <param name="options">The budget; may change while running.</param>
    /// <param name="time">The clock.</param>
    /// <param name="squaring">What a squaring costs, in seconds; null to measure it before the first check.</param>
    public WorkDesk(Func<WorkDeskOptions> options, TimeProvider time, double? squaring = null)
    {
        _options = options;
        _time = time;
        _budget = new WorkBudget(time, () => options().Share);
        _squaring = squaring is { } known ? new Lazy<double>(known) : new Lazy<double>(WorkBudget.MeasureSquaring);
        Checking = CheckAllAsync();
    }

    /// <summary>Ends when nothing is checked any more: after <see cref="Dispose"/>.</summary>
    public Task Checking { get; }

    /// <summary>How many answers wait for their check.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>A challenge that was never made before, and that nobody can foresee.</summary>
    /// <param name="difficulty">How many roots, at least 1.</param>
    public WorkChallenge Ask(int difficulty) => new(difficulty, _starts.Next());

    /// <summary>Checks an answer, when it is its turn. Never faulted.</summary>
    /// <param name="challenge">What was asked; its difficulty counts, whatever the answer says.</param>
    /// <param name="solution">What was answered.</param>
    /// <param name="cancellationToken">Gives up: the answer is not checked, and counts as none.</param>
    public async Task<WorkOutcome> CheckAsync(WorkChallenge challenge, Residue solution, CancellationToken cancellationToken)
    {
        var answer = new Answer(challenge, solution, cancellationToken);
        if (Interlocked.Increment(ref _waiting) > _options().Waiting || !_answers.Writer.TryWrite(answer))
        {
            Interlocked.Decrement(ref _waiting);
            return WorkOutcome.TurnedAway;
        }

        await using (cancellationToken.UnsafeRegister(static state => ((Answer)state!).TrySet(WorkOutcome.NoAnswer), answer))
        {
            return await answer.Outcome.ConfigureAwait(false);
        }
    }

    /// <summary>Checks no more: what waits is turned away.</summary>
    public void Dispose()
    {
        _stopped.Cancel();
        _answers.Writer.TryComplete();
    }

    private async Task CheckAllAsync()
    {
        // Off the caller's thread, be it the one that hosts or the one that answers.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await foreach (var answer in _answers.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (!answer.IsGivenUp && await MayStartAsync().ConfigureAwait(false) && !answer.IsGivenUp)
            {
                _budget.Spend(_squaring.Value * answer.Challenge.Difficulty);
                answer.TrySet(answer.Challenge.Accepts(answer.Solution) ? WorkOutcome.Done : WorkOutcome.Wrong);
            }

            Interlocked.Decrement(ref _waiting);
            answer.TrySet(WorkOutcome.TurnedAway);
        }
    }

    private async Task<bool> MayStartAsync()
    {
        try
        {
            while (_budget.UntilNext() is var wait && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _time, _stopped.Token).ConfigureAwait(false);
            }

            return !_stopped.IsCancellationRequested;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Answer(WorkChallenge challenge, Residue solution, CancellationToken cancellationToken)
    {
        // Whoever waits goes on elsewhere: the next answer is checked here.
        private readonly TaskCompletionSource<WorkOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public WorkChallenge Challenge => challenge;

        public Residue Solution => solution;

        public bool IsGivenUp => cancellationToken.IsCancellationRequested;

        public Task<WorkOutcome> Outcome => _outcome.Task;

        public void TrySet(WorkOutcome outcome) => _outcome.TrySetResult(outcome);
    }
}
