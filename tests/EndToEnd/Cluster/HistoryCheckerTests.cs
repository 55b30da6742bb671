namespace Instancer.EndToEnd.Cluster;

/// <summary>The judge is judged first, by histories that were made up.</summary>
public sealed class HistoryCheckerTests
{
    [Fact]
    public void Nothing_is_in_order() => Assert.Empty(HistoryChecker.Violations([]));

    [Fact]
    public void One_backend_is_in_order() => Assert.Empty(Check(("x", 0, 10), ("x", 5, 6), ("x", 20, 30)));

    [Fact]
    public void One_backend_after_another_is_in_order() => Assert.Empty(Check(("x", 0, 1), ("x", 2, 3), ("y", 4, 5), ("y", 6, 7), ("z", 8, 9)));

    [Fact]
    public void A_backend_that_answers_again_after_its_successor_is_found()
    {
        var violation = Assert.Single(Check(("x", 0, 1), ("y", 2, 3), ("x", 4, 5)));
        Assert.Contains("key: x answered what was sent at 00:00:04", violation, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_session_that_goes_on_after_the_new_backend_answered_is_found() =>
        Assert.Single(Check(("x", 0, 1), ("y", 2, 3), ("x", 4, 5), ("y", 6, 7)));

    [Fact]
    public void The_answer_may_have_been_given_as_soon_as_its_request_was_sent() =>
        // A node that is paused with an answer in its hands, and gives it out when it goes on.
        Assert.Empty(Check(("x", 0, 1), ("x", 2, 20), ("y", 10, 11), ("y", 21, 22)));

    [Fact]
    public void An_answer_that_came_late_may_have_been_given_late() => Assert.Empty(Check(("y", 0, 10), ("x", 1, 2), ("x", 8, 9), ("y", 11, 12)));

    [Fact]
    public void Two_backends_that_take_turns_within_one_long_request_are_found() =>
        // Wherever in its long time the third is put, x and y have answered each other's way already.
        Assert.Single(Check(("x", 0, 1), ("y", 2, 3), ("x", 4, 5), ("y", 0, 100)));

    [Fact]
    public void The_order_in_which_they_were_written_down_does_not_matter() =>
        Assert.Single(Check(("x", 4, 5), ("y", 2, 3), ("x", 0, 1)));

    [Fact]
    public void Three_backends_two_of_which_overlap_are_one_violation() =>
        Assert.Single(Check(("w", 0, 1), ("x", 2, 3), ("y", 4, 5), ("x", 6, 7)));

    [Fact]
    public void Keys_have_nothing_to_do_with_each_other() =>
        Assert.Empty(HistoryChecker.Violations([Of("one", "x", 0, 1), Of("other", "y", 2, 3), Of("one", "x", 4, 5), Of("other", "y", 6, 7)]));

    [Fact]
    public void Requests_at_the_same_time_to_two_backends_one_after_the_other_are_in_order() =>
        Assert.Empty(Check(("x", 0, 5), ("y", 0, 5)));

    private static IReadOnlyList<string> Check(params (string Backend, int Sent, int Received)[] answers) =>
        HistoryChecker.Violations(answers.Select(answer => Of("key", answer.Backend, answer.Sent, answer.Received)));

    private static Answer Of(string key, string backend, int sent, int received) =>
        new(key, backend, TimeSpan.FromSeconds(sent), TimeSpan.FromSeconds(received), "h1");
}
