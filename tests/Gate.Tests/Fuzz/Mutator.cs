using System.Buffers.Binary;
using System.Text;

namespace Instancer.Gate.Tests.Fuzz;

/// <summary>
/// Makes inputs, cheaply and the same ones from the same seed: samples with a few things wrong with them, random bytes, and now and then something very long.
/// </summary>
/// <param name="seed">Where the numbers begin.</param>
/// <param name="samples">What is changed.</param>
internal sealed class Mutator(ulong seed, byte[][] samples)
{
    /// <summary>The longest input, in bytes: much more than any reader may keep.</summary>
    public const int Longest = 128 * 1024;

    /// <summary>Room for a sample and what is added to it.</summary>
    private const int Room = 8 * 1024;

    private static readonly ulong[] Numbers = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, ulong.MaxValue];

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "0", "00", "-1", "+1", "65535", "65536", "4294967296", "99999999999999999999", "1e9", "0x10", " ", "  ", "\r", "\n", "\r\n", "\0", ".", "..", ":", "::", ",", "=", "\"", "{", "[", "%s", "\uFFFD", "é",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private readonly byte[] _bytes = new byte[Room];
    private ulong _state = (seed * 0x9E3779B97F4A7C15) | 1;
    private int _length;

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        var kind = Below(4096);
        if (kind == 0)
        {
            return Long();
        }

        if (kind < 256 || samples.Length == 0)
        {
            _length = Below(300);
            Random(_bytes.AsSpan(0, _length));
        }
        else
        {
            Start(samples[Below(samples.Length)]);
            for (var count = Below(4) == 0 ? 1 + Below(16) : 1 + Below(2); count > 0; count--)
            {
                Mutate();
            }
        }

        return _bytes.AsSpan(0, _length).ToArray();
    }

    private byte[] Long()
    {
        // A sample again and again, or one and then the same byte: what looks for an end does not find it soon.
        var bytes = new byte[1 + Below(Longest)];
        var sample = samples.Length == 0 ? [] : samples[Below(samples.Length)];
        bytes.AsSpan().Fill((byte)Bits());
        for (var at = 0; sample.Length > 0 && at + sample.Length < bytes.Length; at += sample.Length)
        {
            sample.CopyTo(bytes, at);
            if (Below(64) == 0)
            {
                break;
            }
        }

        return bytes;
    }

    private void Start(byte[] sample)
    {
        _length = Math.Min(sample.Length, Room);
        sample.AsSpan(0, _length).CopyTo(_bytes);
    }

    private void Mutate()
    {
        var at = Below(_length + 1);
        var few = 1 + Below(8);
        switch (Below(10))
        {
            case 0 when at < _length:
                _bytes[at] ^= (byte)(1 << Below(8));
                break;
            case 1 when at < _length:
                _bytes[at] = (byte)Bits();
                break;
            case 2:
                Random(Insert(at, few));
                break;
            case 3:
                Delete(at, few);
                break;
            case 4:
                // What is there twice.
                var from = _bytes.AsSpan(at, Math.Min(_length - at, 1 + Below(64))).ToArray();
                from.AsSpan(0, Math.Min(from.Length, Room - _length)).CopyTo(Insert(at, from.Length));
                break;
            case 5:
                // The beginning of one and the end of another.
                var other = samples[Below(samples.Length)];
                other = other[Below(other.Length + 1)..];
                _length = at;
                other.AsSpan(0, Math.Min(other.Length, Room - _length)).CopyTo(Insert(at, other.Length));
                break;
            case 6:
                _length = at;
                break;
            case 7:
                Number(at);
                break;
            case 8:
                var word = Words[Below(Words.Length)];
                if (Below(2) == 0)
                {
                    Delete(at, few);
                }

                word.AsSpan(0, Math.Min(word.Length, Room - _length)).CopyTo(Insert(at, word.Length));
                break;
            case 9 when at < _length:
                // Numbers in text, and lengths: one more or less is often the one that matters.
                _bytes[at] += (byte)(Below(2) == 0 ? 1 : 255);
                break;
        }
    }

    private void Number(int at)
    {
        Span<byte> number = stackalloc byte[8];
        var value = Numbers[Below(Numbers.Length)];
        if (Below(2) == 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            number = number[..(1 << Below(4))];
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, value);
            number = number[^(1 << Below(4))..];
        }

        number[..Math.Min(number.Length, _length - at)].CopyTo(_bytes.AsSpan(at));
    }

    private Span<byte> Insert(int at, int count)
    {
        count = Math.Min(count, Room - _length);
        _bytes.AsSpan(at, _length - at).CopyTo(_bytes.AsSpan(at + count));
        _length += count;
        return _bytes.AsSpan(at, count);
    }

    private void Delete(int at, int count)
    {
        count = Math.Min(count, _length - at);
        _bytes.AsSpan(at + count, _length - at - count).CopyTo(_bytes.AsSpan(at));
        _length -= count;
    }

    private void Random(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)Bits();
        }
    }

    private int Below(int count) => (int)(((Bits() & 0xFFFFFFFF) * (ulong)count) >> 32);

    // xorshift64*: its high half is the good one.
    private ulong Bits()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return (_state * 0x2545F4914F6CDD1D) >> 32;
    }
}
