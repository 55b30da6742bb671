using System.Buffers.Binary;
using System.Text;

namespace Instancer.Containers.Docker.Engine;

/// <summary>The engine's format for a container's output: frames of an 8-byte header (stream, three zeros, length, big-endian) and text; raw text for a terminal.</summary>
internal static class LogStream
{
    private const int HeaderLength = 8;
    private const byte StandardError = 2;

    /// <summary>
    /// The last line on standard error, else the last line at all. The engine reads the two streams by two pipes, so which of their last
    /// lines came later cannot be told; the one on standard error says more.
    /// </summary>
    public static string LastLine(ReadOnlySpan<byte> bytes)
    {
        var errors = new StringBuilder();
        var others = new StringBuilder();
        while (bytes.Length >= HeaderLength && bytes[0] <= StandardError && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0)
        {
            var text = bytes[0] == StandardError ? errors : others;
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            bytes = bytes[HeaderLength..];
            var frame = (int)Math.Min(length, (uint)bytes.Length);
            text.Append(Encoding.UTF8.GetString(bytes[..frame]));
            bytes = bytes[frame..];
        }

        others.Append(Encoding.UTF8.GetString(bytes));
        return OneLine.Last(errors.ToString()) is { Length: > 0 } error ? error : OneLine.Last(others.ToString());
    }
}
