using System.Buffers.Binary;
using System.Globalization;
using Instancer.Actors;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Tokens;

/// <summary>The accepted tokens at one moment. Immutable.</summary>
internal sealed class TokenSet
{
    // Compared with when there is no candidate, so that a miss takes the steps of a hit. Random: nobody can aim at it.
    private static readonly Client Nobody = new("", TokenHash.Random());

    private readonly Dictionary<ulong, Client> _byHash = [];

    /// <summary>The set that accepts nothing.</summary>
    public static TokenSet Empty { get; } = new();

    /// <summary>How many tokens are accepted.</summary>
    public int Count => _byHash.Count;

    /// <summary>The clients, in no particular order.</summary>
    public IReadOnlyCollection<Client> Clients => _byHash.Values;

    /// <summary>Reads a file's contents; every bad line is reported with its number, and the good ones count.</summary>
    public static TokenSet Parse(ReadOnlySpan<byte> contents, Action<int, string> reportBadLine)
    {
        var set = new TokenSet();
        var number = 0;
        foreach (var range in contents.Split((byte)'\n'))
        {
            number++;
            var (client, error) = TokensFileLine.Parse(contents[range]);
            if (error is not null)
            {
                reportBadLine(number, error);
            }
            else if (client is not null && !set._byHash.TryAdd(Part(client.Token), client))
            {
                reportBadLine(number, string.Create(
                    CultureInfo.InvariantCulture, $"the token is that of {set._byHash[Part(client.Token)].Name} already, who keeps it"));
            }
        }

        return set;
    }

    /// <summary>The client of a token, or null. Hashes, looks up and compares whether or not there is one.</summary>
    public Client? Find(ReadOnlySpan<byte> token)
    {
        var hash = TokenHash.Of(token);
        // The index is over a part of the hash, which whoever sends a token cannot choose; what says yes or no is the comparison.
        var candidate = _byHash.GetValueOrDefault(Part(hash), Nobody);
        return hash.FixedTimeEquals(candidate.Token) ? candidate : null;
    }

    private static ulong Part(in TokenHash hash)
    {
        Span<byte> bytes = stackalloc byte[TokenHash.Length];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
