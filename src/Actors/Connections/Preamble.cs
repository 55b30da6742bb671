using System.Buffers.Binary;

namespace Instancer.Actors.Connections;

/// <summary>What a client sends before it is relayed: exactly 130 bytes, its token and then an identifier, big-endian.</summary>
public sealed class Preamble
{
    /// <summary>How many bytes the token has.</summary>
    public const int TokenLength = 128;

    /// <summary>How many bytes the preamble has.</summary>
    public const int Length = TokenLength + sizeof(ushort);

    /// <summary>The identifier that asks for a reset: stop every instance of this token, then serve a fresh one.</summary>
    public const ushort ResetIdentifier = 0;

    private readonly byte[] _bytes;

    /// <param name="bytes">The 130 bytes; taken over, and overwritten by <see cref="Erase"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="bytes"/> has not 130 bytes.</exception>
    public Preamble(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (bytes.Length != Length)
        {
            throw new ArgumentException($"A preamble has {Length} bytes, not {bytes.Length}.", nameof(bytes));
        }

        _bytes = bytes;
    }

    /// <summary>The token's 128 bytes.</summary>
    public ReadOnlySpan<byte> Token => _bytes.AsSpan(0, TokenLength);

    /// <summary>The same, for who asks for them and waits.</summary>
    internal ReadOnlyMemory<byte> TokenMemory => _bytes.AsMemory(0, TokenLength);

    /// <summary>The client's own number for one of its instances.</summary>
    public ushort Identifier => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(TokenLength));

    /// <summary>Overwrites the token: what is kept of it from here on is its hash.</summary>
    public void Erase() => Array.Clear(_bytes);
}

/// <summary>How reading a preamble ended.</summary>
public abstract record PreambleOutcome
{
    /// <summary>All 130 bytes came; not one byte more was taken from the socket.</summary>
    /// <param name="Preamble">The bytes.</param>
    public sealed record Complete(Preamble Preamble) : PreambleOutcome;

    /// <summary>The client ended or reset the connection before the preamble was whole, or the read was cancelled.</summary>
    /// <param name="Received">How many bytes had come.</param>
    public sealed record Incomplete(int Received) : PreambleOutcome;

    /// <summary>What came is no preamble; how much more of it there would have been nobody knows.</summary>
    public sealed record Malformed : PreambleOutcome;
}
