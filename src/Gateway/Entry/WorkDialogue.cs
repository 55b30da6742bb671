using Instancer.Gate.Work;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>
/// Asks a client for a proof of work and reads its answer: exactly one line, as what follows it is the preamble's. Nothing is said to an answer that is wrong, as nothing is to a token that is.
/// </summary>
/// <param name="desk">Makes the challenges and checks the answers.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkDialogue(WorkDesk desk, TimeProvider time)
{
    /// <summary>Asks, and waits for the answer and its check. Never faulted.</summary>
    /// <param name="socket">The client.</param>
    /// <param name="difficulty">How many roots, at least 1.</param>
    /// <param name="timeout">How long the answer may take; its check, which may have to wait for others, is not counted.</param>
    /// <param name="cancellationToken">Gives up: no answer.</param>
    public async Task<WorkOutcome> AskAsync(IExactSocket socket, int difficulty, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var challenge = desk.Ask(difficulty);
        if (await AnswerAsync(socket, challenge, timeout, cancellationToken).ConfigureAwait(false) is not { } line)
        {
            return WorkOutcome.NoAnswer;
        }

        return WorkCodec.TryParseSolution(line.Span, out var solution)
            ? await desk.CheckAsync(challenge, solution, cancellationToken).ConfigureAwait(false)
            : WorkOutcome.Wrong;
    }

    private async Task<ReadOnlyMemory<byte>?> AnswerAsync(IExactSocket socket, WorkChallenge challenge, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        if (!await socket.WriteAsync(WorkQuestion.Text(challenge), either.Token).ConfigureAwait(false))
        {
            return null;
        }

        // A byte at a time: of more, some could be the preamble's. It is done once in a connection that has just cost the client seconds.
        var line = new byte[WorkQuestion.LongestAnswer];
        for (var length = 0; length < line.Length; length++)
        {
            if (await socket.ReadAsync(line.AsMemory(length, 1), either.Token).ConfigureAwait(false) == 0)
            {
                return null;
            }

            if (line[length] == '\n')
            {
                return line.AsMemory(0, length);
            }
        }

        return null;
    }
}
