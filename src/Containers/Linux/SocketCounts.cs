using System.Globalization;

namespace Instancer.Containers.Linux;

/// <summary>
/// How many TCP sockets that listen or are connected a network namespace has, as <c>/proc/PID/net/sockstat</c> and <c>sockstat6</c> show it.
/// </summary>
internal readonly record struct SocketCounts(int V4, int V6)
{
    /// <summary>Null if the files cannot be read, as when the process has ended.</summary>
    public static SocketCounts? Read(int pid)
    {
        try
        {
            var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/");
            var v4 = Parse(File.ReadAllText(directory + "sockstat"), "TCP: inuse ");
            // Absent where the kernel has no IPv6.
            var v6 = File.Exists(directory + "sockstat6") ? Parse(File.ReadAllText(directory + "sockstat6"), "TCP6: inuse ") : 0;
            return v4 is { } four && v6 is { } six ? new SocketCounts(four, six) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The number behind <paramref name="label"/>; null if there is none.</summary>
    public static int? Parse(string text, string label)
    {
        var start = text.IndexOf(label, StringComparison.Ordinal);
        if (start < 0)
        {
            return null;
        }

        var rest = text.AsSpan(start + label.Length);
        var end = rest.IndexOfAny(' ', '\n');
        return int.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;
    }
}
