using System.Buffers.Binary;
using System.Text;

namespace Instancer.Containers.Docker.Engine;

/// <summary>The engine's format for a container's output: frames of an 8-byte header (stream, three zeros, length, big-endian) and text; raw text for a terminal.</summary>
internal static class LogStream
{
    private const int HeaderLength = 8;

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        while (bytes.Length >= HeaderLength && bytes[0] <= 2 && bytes[1] == 0 && bytes[2] == 0 && bytes[3] == 0)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            bytes = bytes[HeaderLength..];
            var frame = (int)Math.Min(length, (uint)bytes.Length);
            text.Append(Encoding.UTF8.GetString(bytes[..frame]));
            bytes = bytes[frame..];
        }

        return text.Append(Encoding.UTF8.GetString(bytes)).ToString();
    }
}
