using System.Globalization;
using System.Net;
using System.Text;

namespace Instancer.Containers.Linux;

/// <summary>What a look for a listening socket showed.</summary>
internal enum ListenerState
{
    /// <summary>Nobody listens.</summary>
    Absent,

    /// <summary>Somebody listens.</summary>
    Present,

    /// <summary>The tables cannot be read: the process has ended, or this is no Linux.</summary>
    Unreadable,
}

/// <summary>
/// Looks again and again, cheaply, whether a network namespace has a socket that accepts connections where they are wanted. A table lists the listening
/// sockets first; to find what comes after them, or that nothing does, the kernel walks through all connections of the whole host, which takes
/// milliseconds. So a table is read in small bites, and no further than it has lines; and not at all while the number of sockets
/// stays what it was.
/// </summary>
internal sealed class ListenerLookup(int pid, Func<IPEndPoint, bool> accepts)
{
    // Shorter than what follows the inode in a line, so that a bite does not reach behind the last line.
    private const int Bite = 16;

    // The number may stay the same when one socket closes and another opens.
    private const int LooksBetweenReadings = 10;

    private SocketCounts? _last;
    private int _looks;

    /// <summary>For a socket that takes connections to <paramref name="dialled"/>.</summary>
    public ListenerLookup(int pid, IPEndPoint dialled)
        : this(pid, listening => SocketTable.Accepts(listening, dialled))
    {
    }

    /// <summary>The socket that was found.</summary>
    public ListeningSocket? Found { get; private set; }

    public ListenerState Look()
    {
        if (SocketCounts.Read(pid) is not { } counts)
        {
            return ListenerState.Unreadable;
        }

        if (counts == _last && ++_looks % LooksBetweenReadings != 0)
        {
            return Found is null ? ListenerState.Absent : ListenerState.Present;
        }

        _last = counts;
        try
        {
            // Most servers that listen at all of the machine's addresses have a socket of IPv6 for it, and in a container on a network there is always one of
            // IPv4, the engine's own name server: so this order finds most of them with the first table.
            Found = Find("tcp6", counts.V6) ?? Find("tcp", counts.V4);
            return Found is null ? ListenerState.Absent : ListenerState.Present;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ListenerState.Unreadable;
        }
    }

    private ListeningSocket? Find(string table, int lines)
    {
        if (lines == 0)
        {
            return null;
        }

        using var file = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/net/{table}"));
        var text = new StringBuilder();
        Span<byte> bite = stackalloc byte[Bite];
        var offset = 0L;
        // The heading is no socket's.
        var line = -1;
        var isRead = false;
        while (RandomAccess.Read(file, bite, offset) is > 0 and var length)
        {
            offset += length;
            foreach (var character in bite[..length])
            {
                if (character == '\n')
                {
                    line++;
                    isRead = false;
                    text.Clear();
                    continue;
                }

                text.Append((char)character);
            }

            if (line < 0 || isRead || !SocketTable.TryParseLine(text.ToString(), out var socket, out var listens))
            {
                continue;
            }

            isRead = true;
            if (listens && accepts(socket.EndPoint))
            {
                return socket;
            }

            // The listening ones come first.
            if (!listens || line + 1 == lines)
            {
                return null;
            }
        }

        return null;
    }
}
