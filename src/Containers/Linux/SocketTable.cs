using System.Globalization;
using System.Net;

namespace Instancer.Containers.Linux;

/// <summary>A TCP socket in the state LISTEN.</summary>
/// <param name="EndPoint">Where it listens; an IPv4 address mapped into IPv6 is given as IPv4.</param>
/// <param name="Inode">The socket's inode, as <c>/proc/PID/fd</c> shows it.</param>
internal readonly record struct ListeningSocket(IPEndPoint EndPoint, long Inode);

/// <summary>
/// Reads the kernel's tables of TCP sockets, <c>/proc/PID/net/tcp</c> and <c>tcp6</c> (format: the kernel's
/// Documentation/networking/proc_net_tcp.rst). Addresses are 32-bit words in the machine's byte order, ports are hexadecimal.
/// </summary>
internal static class SocketTable
{
    private const string Listen = "0A";

    /// <summary>The listening sockets in the text of a table. Lines that cannot be read are left out.</summary>
    public static List<ListeningSocket> Parse(string table)
    {
        var found = new List<ListeningSocket>();
        foreach (var line in table.AsSpan().EnumerateLines())
        {
            if (TryParseLine(line, out var socket, out var listens) && listens)
            {
                found.Add(socket);
            }
        }

        return found;
    }

    /// <summary>
    /// The listening sockets of the network namespace that the process <paramref name="pid"/> is in; null if the tables cannot be
    /// read, as when the process has ended.
    /// </summary>
    public static List<ListeningSocket>? Read(int pid)
    {
        try
        {
            var directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/");
            var found = Parse(File.ReadAllText(directory + "tcp"));
            // Absent where the kernel has no IPv6.
            if (File.Exists(directory + "tcp6"))
            {
                found.AddRange(Parse(File.ReadAllText(directory + "tcp6")));
            }

            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a socket that listens at <paramref name="listening"/> takes connections to <paramref name="dialled"/>.</summary>
    public static bool Accepts(IPEndPoint listening, IPEndPoint dialled) =>
        listening.Port == dialled.Port
        && (listening.Address.Equals(IPAddress.Any)
            || listening.Address.Equals(IPAddress.IPv6Any)
            || listening.Address.Equals(dialled.Address));

    /// <summary>Reads a line, which may be cut off anywhere behind the blank that follows the inode.</summary>
    public static bool TryParseLine(ReadOnlySpan<char> line, out ListeningSocket socket, out bool listens)
    {
        // sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode ...
        Span<Range> fields = stackalloc Range[11];
        var count = line.SplitAny(fields, " \t", StringSplitOptions.RemoveEmptyEntries);
        socket = default;
        listens = false;
        if (count < 10
            || (count == 10 && !line.EndsWith(" "))
            || !TryParseEndPoint(line[fields[1]], out var endPoint)
            || !long.TryParse(line[fields[9]], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
        {
            return false;
        }

        socket = new ListeningSocket(endPoint, inode);
        listens = line[fields[3]].SequenceEqual(Listen);
        return true;
    }

    private static bool TryParseEndPoint(ReadOnlySpan<char> text, out IPEndPoint endPoint)
    {
        endPoint = new IPEndPoint(IPAddress.None, 0);
        var colon = text.IndexOf(':');
        Span<byte> address = stackalloc byte[16];
        if (colon is not (8 or 32)
            || Convert.FromHexString(text[..colon], address, out _, out var length) != System.Buffers.OperationStatus.Done
            || !ushort.TryParse(text[(colon + 1)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        address = address[..length];
        if (BitConverter.IsLittleEndian)
        {
            for (var word = 0; word < length; word += 4)
            {
                address.Slice(word, 4).Reverse();
            }
        }

        var parsed = new IPAddress(address);
        endPoint = new IPEndPoint(parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed, port);
        return true;
    }
}
