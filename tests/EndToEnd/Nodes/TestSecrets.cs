namespace Instancer.EndToEnd.Nodes;

/// <summary>What a test used that nobody else may learn: keys, bearers, flags. Tokens are remembered by <see cref="TestToken"/>.</summary>
internal sealed class TestSecrets
{
    // So much of a long secret counts as the secret.
    private const int Part = 16;

    private readonly List<string> _parts = [];
    private readonly List<string> _shown = [];

    /// <summary>Remembers a secret; a PEM file's is what is between its first line and its last.</summary>
    public string Add(string secret)
    {
        var text = string.Concat(secret.Split('\n', StringSplitOptions.TrimEntries).Where(line => !line.StartsWith("-----", StringComparison.Ordinal)));
        Assert.NotEqual("", text);
        _parts.AddRange(text.Length < Part ? [text] : text.Chunk(Part).Where(part => part.Length == Part).Select(part => new string(part)));
        return secret;
    }

    /// <summary>Remembers what anybody may be shown, such as an answer of the admin endpoint: no secret may be in it.</summary>
    public void MayBeSeen(string text) => _shown.Add(text);

    /// <summary>Fails if a secret, a token of the suite, or a good part of one is in what may be seen.</summary>
    /// <param name="lines">What may be seen besides.</param>
    public void AssertNoneIn(IEnumerable<string> lines)
    {
        List<string> all = [.. _shown, .. lines];
        TestToken.AssertNoneIn(all);
        Assert.All(_parts, part => Assert.DoesNotContain(all, text => text.Contains(part, StringComparison.Ordinal)));
    }
}
