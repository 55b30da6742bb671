namespace Instancer.EndToEnd.Cluster;

/// <summary>
/// Says whether a key ever had two backends. Each answer was given at some instant between its request's sending and its own arrival; when
/// exactly, no client can know. A key's answers are in order if such instants can be chosen so that each backend's answers follow each other with no
/// other backend's between them: backends take turns, and one that was followed by another never answers again. They are not in order exactly if there are
/// two backends neither of which can have been the first: each of them answered a request that was sent after the other had already answered.
/// </summary>
internal static class HistoryChecker
{
    /// <summary>What is out of order; empty if nothing is.</summary>
    public static IReadOnlyList<string> Violations(IEnumerable<Answer> answers) =>
        [.. answers.GroupBy(answer => answer.Key).SelectMany(key => OfKey([.. key.GroupBy(answer => answer.Backend).Select(Turn.Of)]))];

    /// <summary>Fails the test if anything is out of order.</summary>
    public static void AssertInOrder(History history) => Assert.Empty(Violations(history.Answers));

    private static IEnumerable<string> OfKey(Turn[] turns) =>
        from first in turns
        from second in turns
        where string.CompareOrdinal(first.Backend, second.Backend) < 0 && !first.MayPrecede(second) && !second.MayPrecede(first)
        select $"{first.LastSent.Key}: {first.LastSent.Backend} answered what was sent at {first.LastSent.Sent} through {first.LastSent.Through}, after {second.Backend} had answered at "
            + $"{second.FirstReceived.Received} through {second.FirstReceived.Through}, which answered again what was sent at {second.LastSent.Sent} through {second.LastSent.Through}";

    /// <summary>A backend's answers for a key.</summary>
    /// <param name="Backend">The backend.</param>
    /// <param name="FirstReceived">The answer by which it had certainly answered.</param>
    /// <param name="LastSent">The answer that it gave at the latest.</param>
    private sealed record Turn(string Backend, Answer FirstReceived, Answer LastSent)
    {
        public static Turn Of(IGrouping<string, Answer> answers) =>
            new(answers.Key, answers.MinBy(answer => answer.Received)!, answers.MaxBy(answer => answer.Sent)!);

        /// <summary>Whether all of its answers can have been given before any of the other's.</summary>
        public bool MayPrecede(Turn other) => LastSent.Sent <= other.FirstReceived.Received;
    }
}
