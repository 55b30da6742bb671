using System.Text;

namespace Instancer.Cluster.Etcd;

/// <summary>Text as etcd keeps it: bytes, compared as such.</summary>
internal static class EtcdText
{
    private const int LongestLine = 300;

    // Half a character is a bug of the caller's, not a key.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Bytes(string text) => Strict.GetBytes(text);

    public static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes ?? []);

    /// <summary>A range's two ends in etcd's terms. No UTF-8 has a byte 255, so that the last byte can be raised by one.</summary>
    public static (byte[] First, byte[]? End) Ends(KeyRange range)
    {
        if (!range.IsPrefix)
        {
            return (Bytes(range.Key), null);
        }

        if (range.Key.Length == 0)
        {
            return ([0], [0]);
        }

        var end = Bytes(range.Key);
        end[^1]++;
        return (Bytes(range.Key), end);
    }

    /// <summary>Makes what others wrote fit for a reason: one line, no control characters, bounded.</summary>
    public static string OneLine(string text)
    {
        var words = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var line = string.Join(' ', words);
        return line.Length <= LongestLine ? line : line[..LongestLine] + "…";
    }
}
