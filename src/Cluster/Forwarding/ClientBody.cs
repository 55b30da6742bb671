using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;

namespace Instancer.Cluster.Forwarding;

/// <summary>
/// The body of a request that passes a client on: challenge, the token's hash (32), identifier (2), client, the client's address. A text is its length in bytes (2) and
/// UTF-8; a client without a name is one whose length is 65535.
/// </summary>
public static class ClientBody
{
    private const ushort NoText = ushort.MaxValue;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The request's bytes; null if one of its texts is none, for it has half of a character, or is longer than any request may be.</summary>
    public static byte[]? Write(ForwardRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var bytes = new MemoryStream();
        Span<byte> fixedPart = stackalloc byte[TokenHash.Length + sizeof(ushort)];
        request.Key.Token.CopyTo(fixedPart);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[TokenHash.Length..], request.Key.Identifier);
        if (!TryWrite(bytes, request.Key.Challenge))
        {
            return null;
        }

        bytes.Write(fixedPart);
        return TryWrite(bytes, request.Client) && TryWrite(bytes, request.RemoteAddress) ? bytes.ToArray() : null;
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false if <paramref name="body"/> is anything else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ForwardRequest? request)
    {
        request = null;
        if (!TryReadText(ref body, out var challenge) || challenge is null || body.Length < TokenHash.Length + sizeof(ushort))
        {
            return false;
        }

        var isHash = TokenHash.TryParse(Convert.ToHexStringLower(body[..TokenHash.Length]), out var token);
        var identifier = BinaryPrimitives.ReadUInt16BigEndian(body[TokenHash.Length..]);
        body = body[(TokenHash.Length + sizeof(ushort))..];
        if (!isHash || !TryReadText(ref body, out var client) || !TryReadText(ref body, out var address) || address is null || !body.IsEmpty)
        {
            return false;
        }

        request = new ForwardRequest(new InstanceKey(challenge, token, identifier), client, address);
        return true;
    }

    private static bool TryWrite(MemoryStream bytes, string? text)
    {
        try
        {
            var utf8 = text is null ? [] : Utf8.GetBytes(text);
            if (utf8.Length > PeerProtocol.LongestClient)
            {
                return false;
            }

            Span<byte> length = stackalloc byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16BigEndian(length, text is null ? NoText : (ushort)utf8.Length);
            bytes.Write(length);
            bytes.Write(utf8);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> from, out string? text)
    {
        text = null;
        if (!BinaryPrimitives.TryReadUInt16BigEndian(from, out var length))
        {
            return false;
        }

        from = from[sizeof(ushort)..];
        if (length == NoText)
        {
            return true;
        }

        if (length > from.Length)
        {
            return false;
        }

        try
        {
            text = Utf8.GetString(from[..length]);
            from = from[length..];
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
