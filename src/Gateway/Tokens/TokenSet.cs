using System.Buffers.Binary;
using System.Globalization;
using Instancer.Actors;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Tokens;

/// <summary>The accepted tokens at one moment. Immutable.</summary>
internal sealed class TokenSet
{
    // Compared with when there is nobody else. Random: nobody can aim at it.
    private static readonly Client Nobody = new("", TokenHash.Random());

    // In the order of the hashes' first parts. A table by hash would be shorter of words, and a hit in it takes a tenth longer than a miss.
    private readonly ulong[] _parts;
    private readonly Client[] _clients;

    private TokenSet(IReadOnlyDictionary<ulong, Client> byPart)
    {
        _parts = [.. byPart.Keys.Order()];
        _clients = [.. _parts.Select(part => byPart[part])];
    }

    /// <summary>The set that accepts nothing.</summary>
    public static TokenSet Empty { get; } = new(new Dictionary<ulong, Client>());

    /// <summary>How many tokens are accepted.</summary>
    public int Count => _clients.Length;

    /// <summary>The clients, in no particular order.</summary>
    public IReadOnlyCollection<Client> Clients => _clients;

    /// <summary>Reads a file's contents; every bad line is reported with its number, and the good ones count.</summary>
    public static TokenSet Parse(ReadOnlySpan<byte> contents, Action<int, string> reportBadLine)
    {
        var byPart = new Dictionary<ulong, Client>();
        var number = 0;
        foreach (var range in contents.Split((byte)'\n'))
        {
            number++;
            var (client, error) = TokensFileLine.Parse(contents[range]);
            if (error is not null)
            {
                reportBadLine(number, error);
            }
            else if (client is not null && !byPart.TryAdd(Part(client.Token), client))
            {
                reportBadLine(number, string.Create(
                    CultureInfo.InvariantCulture, $"the token is that of {byPart[Part(client.Token)].Name} already, who keeps it"));
            }
        }

        return new TokenSet(byPart);
    }

    /// <summary>The client of a token, or null. Hashes, looks up and compares with the nearest whether or not there is one: the same steps, to memory that was used as seldom.</summary>
    public Client? Find(ReadOnlySpan<byte> token)
    {
        var hash = TokenHash.Of(token);
        // The order is by a part of the hash, which whoever sends a token cannot choose; what says yes or no is the comparison.
        var candidate = _clients.Length == 0 ? Nobody : _clients[NearestAtMost(Part(hash))];
        return hash.FixedTimeEquals(candidate.Token) ? candidate : null;
    }

    // Halves until one is left, and does not stop when it meets what it looks for.
    private int NearestAtMost(ulong part)
    {
        var first = 0;
        for (var length = _parts.Length; length > 1;)
        {
            var half = length / 2;
            first += _parts[first + half] <= part ? half : 0;
            length -= half;
        }

        return first;
    }

    private static ulong Part(in TokenHash hash)
    {
        Span<byte> bytes = stackalloc byte[TokenHash.Length];
        hash.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }
}
