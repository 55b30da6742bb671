using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gate.Tokens;

namespace Instancer.Gateway.Tokens;

/// <summary>One line of a tokens file: <c>NAME sha256:HEX</c>, <c>NAME raw:TOKEN</c>, or <c>#</c> and a comment.</summary>
internal static class TokensFileLine
{
    private static readonly byte[] Hashed = [.. "sha256:"u8];
    private static readonly byte[] Raw = [.. "raw:"u8];

    /// <summary>
    /// Reads a line. Both null: it is empty or a comment. The error says what is wrong with it and shows nothing of it, because
    /// any part of it may be a token.
    /// </summary>
    public static (Client? Client, string? Error) Parse(ReadOnlySpan<byte> line)
    {
        line = Trim(line);
        if (line.IsEmpty || line[0] == (byte)'#')
        {
            return (null, null);
        }

        var space = line.IndexOfAny((byte)' ', (byte)'\t');
        if (space < 0)
        {
            return (null, "not of the form NAME sha256:HEX or NAME raw:TOKEN");
        }

        if (!ClientName.IsValid(line[..space]))
        {
            return (null, $"the name is not 1 to {ClientName.Longest} printable ASCII characters");
        }

        var name = Encoding.ASCII.GetString(line[..space]);
        var token = Trim(line[space..]);
        if (token.StartsWith(Hashed))
        {
            return TokenHash.TryParse(Encoding.ASCII.GetString(token[Hashed.Length..]), out var hash)
                ? (new Client(name, hash), null)
                : (null, $"what follows sha256: is not {TokenHash.Length * 2} hexadecimal digits");
        }

        if (!token.StartsWith(Raw))
        {
            return (null, "after the name there is neither sha256: nor raw:");
        }

        token = token[Raw.Length..];
        return token.Length == Preamble.TokenLength && Ascii.IsValid(token)
            ? (new Client(name, TokenHash.Of(token)), null)
            : (null, $"what follows raw: is not {Preamble.TokenLength} ASCII bytes but {token.Length}{(Ascii.IsValid(token) ? "" : ", some of them not ASCII")}");
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8);
}
