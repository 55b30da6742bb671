using System.Net.Sockets;
using System.Text;
using Instancer.Gate.Work;

namespace Instancer.Gateway.Commands;

/// <summary>
/// Answers a gateway that asks for a proof of work before the preamble. One that asks does so at once, and one that does not says nothing before it has the preamble: so there is no other way to know
/// than to wait for a moment. That is why it is done on demand only.
/// </summary>
/// <param name="solver">Solves it.</param>
/// <param name="wait">How long to wait for the question.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkAnswerer(WorkSolver solver, TimeSpan wait, TimeProvider time)
{
    private static readonly TimeSpan QuestionTimeout = TimeSpan.FromSeconds(10);

    /// <summary>What has to be sent before the preamble: the answer's line, or nothing.</summary>
    /// <exception cref="SocketException">The connection is lost.</exception>
    /// <exception cref="IOException">What came is no question.</exception>
    public async Task<byte[]> AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        if (!await IsAskedAsync(socket, cancellationToken).ConfigureAwait(false))
        {
            return [];
        }

        var question = await QuestionAsync(socket, cancellationToken).ConfigureAwait(false);
        return WorkQuestion.TryParse(question.Span, out var challenge)
            ? Encoding.ASCII.GetBytes(await solver.SolveAsync(challenge, cancellationToken).ConfigureAwait(false) + "\n")
            : throw new IOException("it was to ask for a proof of work, but said something else; try without --pow");
    }

    private async Task<bool> IsAskedAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(wait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // Takes nothing, and ends when there is something to take, be it the end.
            await socket.ReceiveAsync(Memory<byte>.Empty, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<ReadOnlyMemory<byte>> QuestionAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(QuestionTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        var question = new byte[WorkQuestion.Longest];
        var length = 0;
        try
        {
            while (length < question.Length && !WorkQuestion.IsComplete(question.AsSpan(0, length))
                && await socket.ReceiveAsync(question.AsMemory(length), either.Token).ConfigureAwait(false) is > 0 and var received)
            {
                length += received;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What came so far is looked at; it is no question.
        }

        return question.AsMemory(0, length);
    }
}
