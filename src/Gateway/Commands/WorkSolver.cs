using Instancer.Gate.Work;

namespace Instancer.Gateway.Commands;

/// <summary>Solves a proof of work and tells a person how far it is.</summary>
/// <param name="error">Where it is told.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkSolver(TextWriter error, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>The solution's text. Takes about half a millisecond for each point of difficulty, on one CPU.</summary>
    public Task<string> SolveAsync(WorkChallenge challenge, CancellationToken cancellationToken) => Task.Run(() => Solve(challenge, cancellationToken), cancellationToken);

    private string Solve(WorkChallenge challenge, CancellationToken cancellationToken)
    {
        error.WriteLine($"proof of work of difficulty {challenge.Difficulty}: solving");
        var start = time.GetTimestamp();
        var told = TimeSpan.Zero;
        var solution = challenge.Solve(done =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var taken = time.GetElapsedTime(start);
            if (taken - told >= Pause)
            {
                told = taken;
                var left = taken / done * (challenge.Difficulty - done);
                error.WriteLine($"proof of work: {100L * done / challenge.Difficulty} % done, {left.TotalSeconds:F0} s left");
            }
        });
        error.WriteLine($"proof of work: solved in {time.GetElapsedTime(start).TotalSeconds:F1} s");
        return WorkCodec.Text(solution);
    }
}
