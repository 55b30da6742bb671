using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Instancer.Gate.Tokens;

/// <summary>
/// What a signed token says, as it stands in front of the signature: kind (1 byte), key (2 bytes, big-endian), end (4 bytes, seconds since 1970, big-endian), length of the name (1 byte),
/// number of challenges (1 byte, 0 for all), name, marks of the challenges (4 bytes each), zeros.
/// </summary>
/// <remarks>A challenge's mark is the beginning of the SHA-256 of its name: the operator names the challenges, so nobody can aim at one mark with another name.</remarks>
internal readonly ref struct TokenClaims
{
    private const int HeadLength = 9;
    private const int MarkLength = 4;

    private readonly ReadOnlySpan<byte> _marks;

    private TokenClaims(ReadOnlySpan<byte> name, ReadOnlySpan<byte> marks, long end)
    {
        Name = name;
        _marks = marks;
        End = end;
    }

    /// <summary>The client's name, valid.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>From when on the token is not accepted, in seconds since 1970.</summary>
    public long End { get; }

    /// <summary>The key that a token says it is signed with.</summary>
    public static ushort KeyOf(ReadOnlySpan<byte> token) => BinaryPrimitives.ReadUInt16BigEndian(token[1..]);

    /// <summary>Reads them; false if whoever signed them wrote something else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> claims, out TokenClaims read)
    {
        read = default;
        int name = claims[7], marks = claims[8] * MarkLength;
        if (HeadLength + name + marks > claims.Length || !ClientName.IsValid(claims.Slice(HeadLength, name)))
        {
            return false;
        }

        read = new TokenClaims(
            claims.Slice(HeadLength, name), claims.Slice(HeadLength + name, marks), BinaryPrimitives.ReadUInt32BigEndian(claims[3..]));
        return true;
    }

    /// <summary>Writes them, up to the signature; what is wrong if they do not fit, else null.</summary>
    /// <param name="claims">All bytes in front of the signature.</param>
    /// <param name="kind">What the token is signed with.</param>
    /// <param name="key">The key's number.</param>
    /// <param name="name">The client's name, valid.</param>
    /// <param name="challenges">The challenges it is for; empty for all.</param>
    /// <param name="end">From when on it is not accepted.</param>
    public static string? TryWrite(
        Span<byte> claims, SigningKind kind, ushort key, string name, IReadOnlyCollection<string> challenges, DateTimeOffset end)
    {
        var needed = name.Length + (MarkLength * challenges.Count);
        if (needed > claims.Length - HeadLength || challenges.Count > byte.MaxValue)
        {
            return $"the name and the challenges do not fit into the token: a character of the name takes 1 byte, a challenge {MarkLength}, together {needed}, and there are {claims.Length - HeadLength}";
        }

        if (end.ToUnixTimeSeconds() is < 0 or > uint.MaxValue)
        {
            return "the end is not between the years 1970 and 2106";
        }

        claims.Clear();
        claims[0] = (byte)kind;
        BinaryPrimitives.WriteUInt16BigEndian(claims[1..], key);
        BinaryPrimitives.WriteUInt32BigEndian(claims[3..], (uint)end.ToUnixTimeSeconds());
        (claims[7], claims[8]) = ((byte)name.Length, (byte)challenges.Count);
        var rest = claims[(HeadLength + Encoding.ASCII.GetBytes(name, claims[HeadLength..]))..];
        foreach (var challenge in challenges)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest, MarkOf(challenge));
            rest = rest[MarkLength..];
        }

        return null;
    }

    /// <summary>The mark of a challenge.</summary>
    public static uint MarkOf(string challenge) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(challenge)));

    /// <summary>Whether the token is for the challenge with this mark.</summary>
    public bool IsFor(uint mark)
    {
        var isFor = _marks.IsEmpty;
        for (var i = 0; i < _marks.Length; i += MarkLength)
        {
            isFor |= BinaryPrimitives.ReadUInt32BigEndian(_marks[i..]) == mark;
        }

        return isFor;
    }
}
