using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Tokens;

/// <summary>Tokens as Instancer itself makes them: 96 random bytes as 128 characters that can be copied and pasted.</summary>
internal static class TokenText
{
    /// <summary>A new token.</summary>
    public static byte[] New()
    {
        Span<byte> random = stackalloc byte[Preamble.TokenLength / 4 * 3];
        RandomNumberGenerator.Fill(random);
        return Encoding.ASCII.GetBytes(Base64Url.EncodeToString(random));
    }

    /// <summary>The token in a client's token file: exactly 128 bytes, and a line end at most; null if it is anything else.</summary>
    public static byte[]? Read(ReadOnlySpan<byte> contents)
    {
        var token = contents.Length > Preamble.TokenLength ? contents.TrimEnd("\r\n"u8) : contents;
        return token.Length == Preamble.TokenLength ? token.ToArray() : null;
    }
}
