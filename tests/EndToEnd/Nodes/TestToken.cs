using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Instancer.EndToEnd.Nodes;

/// <summary>A client's token. Every one is remembered, so that each process's output can be searched for it.</summary>
internal sealed class TestToken
{
    // So much of a token in an output counts as the token.
    private const int Part = 16;

    private static readonly ConcurrentBag<string> All = [];

    private TestToken(string text)
    {
        Text = text;
        All.Add(text);
    }

    /// <summary>Its 128 characters.</summary>
    public string Text { get; }

    /// <summary>Its hash in hexadecimal digits.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Text)));

    public static TestToken New() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(96)));

    /// <summary>One that Instancer made.</summary>
    public static TestToken Of(string text) => new(text);

    /// <summary>What a client sends first.</summary>
    public byte[] Preamble(int identifier) => [.. Encoding.ASCII.GetBytes(Text), (byte)(identifier >> 8), (byte)identifier];

    /// <summary>The line that makes it accepted.</summary>
    public string Line(string name) => $"{name} sha256:{Hash}\n";

    /// <summary>Fails if any token of the suite, or a good part of one, is in the lines.</summary>
    public static void AssertNoneIn(IReadOnlyList<string> lines)
    {
        foreach (var token in All)
        {
            var parts = Enumerable.Range(0, token.Length / Part).Select(part => token.Substring(part * Part, Part));
            Assert.DoesNotContain(lines, line => parts.Any(part => line.Contains(part, StringComparison.Ordinal)));
        }
    }
}
