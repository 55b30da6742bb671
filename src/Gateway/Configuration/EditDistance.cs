namespace Instancer.Gateway.Configuration;

/// <summary>How many letters have to be changed, added, removed or swapped with their neighbour to turn one word into another.</summary>
internal static class EditDistance
{
    /// <summary>The word nearest to <paramref name="word"/>, whatever its case, if any is near enough to be what was meant.</summary>
    public static string? Nearest(string word, IEnumerable<string> candidates)
    {
        var nearest = candidates
            .Select(candidate => (candidate, distance: Between(word.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .OrderBy(pair => pair.distance)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .FirstOrDefault();
        var tolerated = Math.Max(2, word.Length / 3);
        return nearest.candidate is not null && nearest.distance <= tolerated && nearest.distance < nearest.candidate.Length
            ? nearest.candidate
            : null;
    }

    /// <summary>The distance between two words (optimal string alignment).</summary>
    public static int Between(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                d[i, j] = (i, j) switch
                {
                    (0, _) => j,
                    (_, 0) => i,
                    _ => Math.Min(
                        Math.Min(d[i - 1, j], d[i, j - 1]) + 1,
                        d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)),
                };
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
