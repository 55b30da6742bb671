using System.Diagnostics.CodeAnalysis;
using Instancer.Cluster.Forwarding;

namespace Instancer.Cluster.Tests.Forwarding;

/// <summary>Reads what one end said as the other end would from a socket.</summary>
internal static class Talk
{
    /// <summary>Two ends that have said hello.</summary>
    public static (AcceptingEnd Accepting, DiallingEnd Dialling) Begin(char acceptorsSecret = 's', char diallersSecret = 's', string node = "b")
    {
        var (accepting, dialling) = (new AcceptingEnd(Secrets.Of(acceptorsSecret), node), new DiallingEnd(Secrets.Of(diallersSecret)));
        Assert.True(dialling.TryReadHello(accepting.Hello(), out var problem), problem);
        return (accepting, dialling);
    }

    public static bool TryRead(AcceptingEnd end, byte[] request, [NotNullWhen(true)] out PeerRequest? read, [NotNullWhen(false)] out string? problem)
    {
        read = null;
        if (!end.TryReadHead(request.AsSpan(0, PeerProtocol.RequestHeadLength), out var rest, out problem))
        {
            return false;
        }

        if (PeerProtocol.RequestHeadLength + rest != request.Length)
        {
            problem = "there are not as many bytes as it says";
            return false;
        }

        return end.TryReadRest(request.AsMemory(PeerProtocol.RequestHeadLength), out read, out problem);
    }

    public static bool TryRead(DiallingEnd end, byte[] answer, [NotNullWhen(true)] out PeerReply? read, [NotNullWhen(false)] out string? problem, int longest = PeerProtocol.LongestAnswer)
    {
        read = null;
        if (!end.TryReadHead(answer.AsSpan(0, PeerProtocol.AnswerHeadLength), longest, out var rest, out problem))
        {
            return false;
        }

        if (PeerProtocol.AnswerHeadLength + rest != answer.Length)
        {
            problem = "there are not as many bytes as it says";
            return false;
        }

        return end.TryReadRest(answer.AsMemory(PeerProtocol.AnswerHeadLength), out read, out problem);
    }
}
