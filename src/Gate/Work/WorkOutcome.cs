namespace Instancer.Gate.Work;

/// <summary>What became of a client that was asked for a proof of work.</summary>
internal enum WorkOutcome
{
    /// <summary>It has done its work.</summary>
    Done,

    /// <summary>Its answer is wrong.</summary>
    Wrong,

    /// <summary>It gave no answer in time: it went, or sent no line, or one that is too long.</summary>
    NoAnswer,

    /// <summary>Too many answers wait for their check already, or this node stops: the client is not to blame.</summary>
    TurnedAway,
}
