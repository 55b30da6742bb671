using Instancer.Cluster.Forwarding;
using Instancer.Gateway.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Forwarding;

/// <summary>Answers what operators ask through other nodes, each on the connection that it came with.</summary>
/// <param name="answer">Knows the answers.</param>
/// <param name="time">The clock of the deadline.</param>
/// <param name="logger">Hears of those that were not answered.</param>
internal sealed class PeerQuestions(Func<PeerQuestion, CancellationToken, Task<PeerAnswer>> answer, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>How long a question may take, from when it was read to when its answer is sent: longer than a stop does, which waits until the container is gone.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Answers a question. Never faulted; when it ends the socket is closed.</summary>
    /// <param name="socket">The connection, taken over.</param>
    /// <param name="end">What signs the answer.</param>
    /// <param name="question">The question.</param>
    public async Task AnswerAsync(IAcceptedSocket socket, AcceptingEnd end, PeerQuestion question)
    {
        using var _ = socket;
        using var late = new CancellationTokenSource(Timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, _stopped.Token);
        try
        {
            var json = (await answer(question, ended.Token)).Json;
            var problem = json.Length > PeerProtocol.LongestAnswer ? $"it would have {json.Length} bytes"
                : !await socket.WriteAsync(end.Answer(PeerCode.Answered, json.Span), ended.Token) ? "it went away, or was too slow"
                : null;
            if (problem is not null)
            {
                ForwardingLog.NotAnswered(logger, socket.RemoteAddress, $"{question.Kind}", problem);
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            var reason = late.IsCancellationRequested ? $"it took longer than {Timeout}" : "the node stops";
            ForwardingLog.NotAnswered(logger, socket.RemoteAddress, $"{question.Kind}", reason);
        }
        catch (Exception e)
        {
            // Whatever is wrong with the answer, it is this question's end and nobody else's.
            ForwardingLog.AnswerFailed(logger, e, socket.RemoteAddress, $"{question.Kind}");
        }
    }

    /// <summary>Gives up what is not answered yet.</summary>
    public void Dispose() => _stopped.Cancel();
}
