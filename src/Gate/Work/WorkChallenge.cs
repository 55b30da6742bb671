namespace Instancer.Gate.Work;

/// <summary>What a client is asked to work out: a chain of square roots modulo 2^1279 - 1, each of which needs the one before, so that more processors do not help.</summary>
/// <param name="Difficulty">How many roots.</param>
/// <param name="Start">What the first is taken of.</param>
internal readonly record struct WorkChallenge(int Difficulty, UInt128 Start)
{
    /// <summary>Works it out. Takes about half a millisecond a root.</summary>
    /// <param name="progress">Told after every root how many there are; may throw to give up. Null for nobody.</param>
    public Residue Solve(Action<int>? progress = null)
    {
        var value = Residue.From(Start);
        for (var done = 0; done < Difficulty;)
        {
            // As p is 3 modulo 4, x^((p + 1) / 4) is a root of x, or of -x if x has none; and (p + 1) / 4 is 2^1277.
            for (var i = 0; i < Residue.Bits - 2; i++)
            {
                value.Square();
            }

            value.FlipLowestBit();
            done++;
            progress?.Invoke(done);
        }

        return value;
    }

    /// <summary>Whether the answer is right: one squaring for each root.</summary>
    public bool Accepts(Residue answer)
    {
        for (var i = 0; i < Difficulty; i++)
        {
            answer.FlipLowestBit();
            answer.Square();
        }

        var start = Residue.From(Start);
        if (answer.Is(start))
        {
            return true;
        }

        start.Negate();
        return answer.Is(start);
    }
}
