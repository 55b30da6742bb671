using System.Diagnostics;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Work;
using Xunit.Abstractions;

namespace Instancer.Gate.Tests.Work;

public sealed class WorkChallengeTests(ITestOutputHelper output)
{
    private static readonly Arbitrary<UInt128> Starts =
        ArbMap.Default.GeneratorFor<ulong>().Two().Select(halves => new UInt128(halves.Item1, halves.Item2)).ToArbitrary();

    [Fact]
    public void A_solution_is_what_it_is_by_definition_and_is_accepted()
        => Prop.ForAll(Starts, start =>
        {
            var challenge = new WorkChallenge(3, start);
            var solution = challenge.Solve();
            return Reckoned.Number(solution) == Reckoned.Solve(start, 3) && challenge.Accepts(solution);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(30));

    [Fact]
    public void An_answer_is_accepted_exactly_if_it_is_by_definition()
        => Prop.ForAll(Starts, Gen.Choose(-2, 2).ToArbitrary(), (start, off) =>
        {
            // Next to the solution, to its negative and to the challenge itself.
            var solution = Reckoned.Solve(start, 2);
            BigInteger[] answers = [solution + off, solution ^ 1, Reckoned.P - solution, (Reckoned.P - (solution ^ 1)) ^ 1, (BigInteger)start + off];
            return answers.Select(answer => BigInteger.Abs(answer) & Reckoned.P)
                .All(answer => new WorkChallenge(2, start).Accepts(Reckoned.Of(answer)) == Reckoned.Accepts(start, 2, answer));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void Neither_another_challenge_s_solution_nor_a_shorter_chain_is_accepted()
    {
        var challenge = new WorkChallenge(5, 1234567);
        Assert.True(challenge.Accepts(challenge.Solve()));
        Assert.False(challenge.Accepts((challenge with { Start = 1234568 }).Solve()));
        Assert.False(challenge.Accepts((challenge with { Difficulty = 4 }).Solve()));
        Assert.False(challenge.Accepts((challenge with { Difficulty = 6 }).Solve()));
        Assert.False(challenge.Accepts(default));
    }

    // The solutions come from the public definition, worked out with another language's numbers.
    [Theory]
    [InlineData(
        "s.AAAAFA==.ESIzRFVmd4iZqrvM3e7/",
        "s.Z62BXA6VXNqUTg6Rc4kPBx5JLJnZhkxzbLkqGHyuf3eqUUkb0Gu30PFYQU0jrsaJN4Gg31Ta9ymdZ0dfaLrXjnGmiFHax7VBKBb76UwUeEzZ0RSXS0llrFCCnyl9DaMlqIRy5pQq40n6slp5OWv9mALRYbLVfEiYDOOC+vjct689mTx1AUCbadKipdOukRYZprxO5aBi+KvXKTlgoQNuGg==")]
    [InlineData(
        "s.AAAU.ESIzRFVmd4iZqrvM3e7/",
        "s.AABnrYFcDpVc2pRODpFziQ8HHkksmdmGTHNsuSoYfK5/d6pRSRvQa7fQ8VhBTSOuxok3gaDfVNr3KZ1nR19outeOcaaIUdrHtUEoFvvpTBR4TNnRFJdLSWWsUIKfKX0NoyWohHLmlCrjSfqyWnk5a/2YAtFhstV8SJgM44L6+Ny3rz2ZPHUBQJtp0qKl066RFhmmvE7loGL4q9cpOWChA24a")]
    [InlineData(
        "s.AAAU.AAD/////////////////////",
        "s.AAAzPOe/mscKiMu0QyrCreGmooyXQuQgWUkplP0jkzGf7I879bifr7cgMylrO+90syEY7ZGixs+opuBAJSh4X+uYxjH0YHrg+a7oJH1eb0lFL7A/iKBxDV0DsWOvTF8+GX1XJHAIVYE5FxgEP/f66UhNInLtjuK2JDoEfgW8RhQyRqWgWBh+7y3J4vYIpEPuhAVSuGRAG/ol09Ynxl0VlDKJ")]
    public void What_others_make_and_solve_is_solved_and_accepted_in_both_encodings(string text, string answer)
    {
        Assert.True(WorkCodec.TryParseChallenge(text, out var challenge));
        Assert.Equal(20, challenge.Difficulty);
        Assert.True(WorkCodec.TryParseSolution(System.Text.Encoding.ASCII.GetBytes(answer), out var solution));
        Assert.True(challenge.Accepts(solution));
        Assert.True(challenge.Solve().Is(solution));
    }

    [Fact]
    public void Who_waits_is_told_how_far_it_is_and_may_give_up()
    {
        var told = new List<int>();
        Assert.Throws<OperationCanceledException>(() => new WorkChallenge(5, 1).Solve(done =>
        {
            told.Add(done);
            if (done == 3)
            {
                throw new OperationCanceledException();
            }
        }));
        Assert.Equal([1, 2, 3], told);
    }

    // On a crowded machine hardly any check of milliseconds runs undisturbed, but most hundredths of one do.
    [Fact]
    public void A_check_at_difficulty_5000_takes_less_than_5_ms()
    {
        var answer = Residue.From(UInt128.MaxValue / 3);
        var whole = Times(21, new WorkChallenge(5000, UInt128.MaxValue), answer);
        var hundredths = Times(1001, new WorkChallenge(50, UInt128.MaxValue), answer);
        output.WriteLine($"a check: least {whole[0]:F2} ms, median {whole[10]:F2} ms, most {whole[20]:F2} ms; a hundred hundredths: {100 * hundredths[500]:F2} ms");
        Assert.InRange(whole[0], 0, 5);
        Assert.InRange(100 * hundredths[500], 0, 5);
    }

    private static double[] Times(int count, WorkChallenge challenge, Residue answer)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            Assert.False(challenge.Accepts(answer));
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        Array.Sort(times);
        return times;
    }
}
