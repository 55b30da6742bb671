using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Work;

namespace Instancer.Gate.Tests.Work;

public sealed class WorkCodecTests
{
    private const string Zeros = "AAAAAAAAAAAAAAAAAAAAAA==";

    // What is almost a challenge, a solution or a question, so that the parsers are met behind their first comparison.
    private static readonly Arbitrary<byte[]> Texts = Gen.OneOf(
            ArbMap.Default.GeneratorFor<byte[]>(),
            Gen.Elements("s.", ".", "A", "AAAA", "AAA=", "AA==", "=", " ", "\n", "\r", "proof of work:", "\nsolution: ", "curl", "/+", "\0", "é", Zeros, Enumerable.Repeat("AAAA", 54).Aggregate(string.Concat))
                .ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts))),
            Gen.Elements("s.", "S.", "").SelectMany(version => ArbMap.Default.GeneratorFor<byte[]>().Select(bytes => Encoding.ASCII.GetBytes(version + Convert.ToBase64String(bytes)))))
        .ToArbitrary();

    [Fact]
    public void Nothing_that_anybody_may_send_is_more_than_a_challenge_a_solution_a_question_or_none()
        => Prop.ForAll(Texts, text =>
        {
            if (WorkCodec.TryParseChallenge(text, out var challenge))
            {
                Assert.True(challenge.Difficulty > 0);
                Assert.True(WorkCodec.TryParseChallenge(WorkCodec.Text(challenge), out var again) && again == challenge);
            }

            if (WorkCodec.TryParseSolution(text, out var solution))
            {
                Assert.True(Reckoned.Number(solution) <= Reckoned.P);
            }

            return !WorkQuestion.TryParse(text, out var asked) || asked.Difficulty > 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));

    [Fact]
    public void A_challenge_is_4_bytes_of_difficulty_and_16_of_start()
    {
        Assert.Equal("s.AAATiA==." + Zeros, WorkCodec.Text(new WorkChallenge(5000, 0)));
        Assert.Equal("s.f////w==./////////////////////w==", WorkCodec.Text(new WorkChallenge(int.MaxValue, UInt128.MaxValue)));
    }

    [Fact]
    public void A_challenge_and_a_solution_are_read_back_from_either_encoding()
        => Prop.ForAll(Gen.Choose(1, int.MaxValue).ToArbitrary(), ArbMap.Default.ArbFor<ulong>(), ArbMap.Default.ArbFor<byte[]>(), (difficulty, start, number) =>
        {
            var challenge = new WorkChallenge(difficulty, new UInt128(start, ulong.MaxValue - start));
            var solution = new BigInteger(number, isUnsigned: true) & Reckoned.P;
            return WorkCodec.TryParseChallenge(WorkCodec.Text(challenge), out var plain) && plain == challenge
                && WorkCodec.TryParseChallenge($"s.{Reckoned.Padded(difficulty)}.{Reckoned.Padded((BigInteger)challenge.Start)}\r\n", out var padded) && padded == challenge
                && WorkCodec.TryParseSolution(Encoding.ASCII.GetBytes(WorkCodec.Text(Reckoned.Of(solution))), out var first) && Reckoned.Number(first) == solution
                && WorkCodec.TryParseSolution(Encoding.ASCII.GetBytes($" s.{Reckoned.Padded(solution)}\r"), out var second) && Reckoned.Number(second) == solution;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_longest_solution_is_what_the_padded_modulus_takes()
    {
        var text = "s." + Reckoned.Padded(Reckoned.P);
        Assert.Equal(WorkCodec.LongestSolution, text.Length);
        Assert.True(WorkCodec.TryParseSolution(Encoding.ASCII.GetBytes(text), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("s.")]
    [InlineData("s.AAAU")]
    [InlineData("s..")]
    [InlineData("t.AAAU." + Zeros)]
    [InlineData("S.AAAU." + Zeros)]
    [InlineData("s.AAAA." + Zeros)]
    [InlineData("s.AAAU." + Zeros + "." + Zeros)]
    [InlineData("s.gAAAAA==." + Zeros)]
    [InlineData("s.AQAAAAA=." + Zeros)]
    [InlineData("s.AAAU.AQAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("s.AAAU.AAA")]
    [InlineData("s.AAAU.A===")]
    [InlineData("s.AAAU.AA=A")]
    [InlineData("s.AA AU.AAAA")]
    [InlineData("s.AAAU.AA\nAA")]
    [InlineData("s.AAAU.AA-_")]
    public void This_is_no_challenge(string text) => Assert.False(WorkCodec.TryParseChallenge(text, out _));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("AAAA")]
    [InlineData("b.AAAA")]
    [InlineData("s.AAA")]
    [InlineData("s.AAAA.AAAA")]
    [InlineData("s. AAAA")]
    [InlineData("s.AAAA AAAA")]
    [InlineData("s.=AAA")]
    public void This_is_no_solution(string text) => Assert.False(WorkCodec.TryParseSolution(Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void A_number_that_is_too_large_is_no_solution()
    {
        foreach (var number in new[] { Reckoned.P + 1, BigInteger.One << 1280, BigInteger.One << 1300, BigInteger.One << 100_000 })
        {
            Assert.False(WorkCodec.TryParseSolution(Encoding.ASCII.GetBytes("s." + Convert.ToBase64String(Reckoned.Bytes(number))), out _));
        }
    }

    [Fact]
    public void A_question_is_worded_as_players_scripts_expect_and_is_understood()
    {
        var challenge = new WorkChallenge(5000, 0);
        var text = WorkQuestion.Text(challenge);
        Assert.Equal($"proof of work:\ncurl -sSfL https://pwn.red/pow | sh -s s.AAATiA==.{Zeros}\nsolution: ", Encoding.ASCII.GetString(text));
        Assert.True(WorkQuestion.TryParse(text, out var asked));
        Assert.Equal(challenge, asked);
        Assert.All(Enumerable.Range(0, text.Length), length => Assert.False(WorkQuestion.TryParse(text.AsSpan(0, length), out _)));
    }

    [Fact]
    public void The_older_wording_of_one_line_less_is_understood_too()
        => Assert.True(WorkQuestion.TryParse(Encoding.ASCII.GetBytes($"proof of work: curl -sSfL https://pwn.red/pow | sh -s s.AAAU.{Zeros}\nsolution: "), out _));
}
