using Instancer.Cluster.Forwarding;

namespace Instancer.Gateway.Forwarding;

/// <summary>What an operator asks of this node through another one.</summary>
/// <param name="Kind">What is asked; never <see cref="PeerKind.Client"/>.</param>
/// <param name="Json">The particulars.</param>
internal sealed record PeerQuestion(PeerKind Kind, ReadOnlyMemory<byte> Json);

/// <summary>What this node answers.</summary>
/// <param name="Json">The answer, at most <see cref="PeerProtocol.LongestAnswer"/> bytes.</param>
internal sealed record PeerAnswer(ReadOnlyMemory<byte> Json);

/// <summary>How it ended that another node was asked.</summary>
internal abstract record PeerOutcome
{
    /// <summary>It answered.</summary>
    /// <param name="Json">The answer.</param>
    public sealed record Answered(ReadOnlyMemory<byte> Json) : PeerOutcome;

    /// <summary>It did not: it cannot be reached, did not want to, or was not to be believed. It may have done what was asked all the same.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Failed(string Reason) : PeerOutcome;
}
