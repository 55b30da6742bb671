using System.IO.Enumeration;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// Keeps the last of the process's open files from clients: the runtime needs some for a new thread or an assembly, and ends the process when
/// there is none; the log, the tokens file and the engine's socket need theirs. A client is counted as two, for it will need a backend's: see <see cref="ClientFiles"/>.
/// </summary>
internal sealed class OpenFiles
{
    private const string OfThisProcess = "/proc/self/fd";
    private const int LargestReserve = 128;
    private const int CountEveryMilliseconds = 1000;

    private readonly SocketCount _clients = new();
    private readonly SocketCount _expected = new();
    private readonly Queue<ClientFiles> _young = new();
    private readonly SocketCount _backends = new();
    private readonly int _limit;
    private readonly int _reserve;
    private int _others;
    private long _countAgainAt;
    private volatile bool _short;

    /// <exception cref="System.Net.Sockets.SocketException">The system does not tell its limit.</exception>
    public OpenFiles()
    {
        // The runtime has raised it as far as it may.
        if (Libc.getrlimit(Libc.NumberOfFiles, out var limit) < 0)
        {
            throw Errnos.Last.ToException();
        }

        _limit = (int)Math.Min(limit.Soft, int.MaxValue);
        _reserve = Math.Min(LargestReserve, _limit / 4);
    }

    /// <summary>Why no client can be accepted, in one line; null if one can.</summary>
    public string? Shortage()
    {
        LetLapse();

        // Some more must be free than when it began: else accepting would stop and resume with each client.
        var margin = _short ? _reserve / 4 : 0;
        var sockets = _clients.Open + _expected.Open + 2;
        _short = sockets + Others(sockets) + margin > _limit - _reserve;
        return _short ? $"of the {_limit} files that the process may open, those for clients are in use" : null;
    }

    /// <summary>Takes the descriptor of an accepted client, and keeps a second file for its backend.</summary>
    public (SocketHandle Socket, ClientFiles Files) OfClient(int number)
    {
        var files = new ClientFiles(_clients, _expected);
        lock (_young)
        {
            _young.Enqueue(files);
        }

        return (new SocketHandle(number, files), files);
    }

    /// <summary>
    /// Takes the descriptor of a socket for a backend; null, and it is closed, if it is one of the last. Half of the reserve is open to them:
    /// what else is open is counted now and then, and listeners that accept at the same moment may take one too many.
    /// </summary>
    public SocketHandle? OfBackend(int number)
    {
        var socket = new SocketHandle(number, _backends);
        if (number < _limit - (_reserve / 2))
        {
            return socket;
        }

        socket.Dispose();
        return null;
    }

    private void LetLapse()
    {
        lock (_young)
        {
            while (_young.TryPeek(out var oldest) && oldest.IsDue)
            {
                _young.Dequeue();
                oldest.Lapse();
            }
        }
    }

    // The open files that are not the data path's. Not counted while far from the limit.
    private int Others(int sockets)
    {
        var now = Environment.TickCount64;
        var due = Volatile.Read(ref _countAgainAt);
        var isNear = due == 0 || sockets + Volatile.Read(ref _others) > _limit / 2;
        if (isNear && now >= due && Interlocked.CompareExchange(ref _countAgainAt, now + CountEveryMilliseconds, due) == due)
        {
            // Sockets come and go meanwhile: what is opened or closed during the look counts as another's, rather than not at all.
            var before = _clients.Open + _backends.Open;
            var open = CountOpen();
            Volatile.Write(ref _others, Math.Max(0, open - Math.Min(before, _clients.Open + _backends.Open)));
        }

        return Volatile.Read(ref _others);
    }

    private int CountOpen()
    {
        try
        {
            return new FileSystemEnumerable<int>(OfThisProcess, static (ref _) => 0).Count();
        }
        catch (IOException e) when (e.HResult == (int)Errno.TooManyFiles)
        {
            // Looking takes one, and there is none: that says how many there are.
            return _limit;
        }
    }
}

/// <summary>Hears when a socket is opened and closed.</summary>
internal interface ISocketCount
{
    /// <summary>It is open.</summary>
    void Add();

    /// <summary>It is closed; once.</summary>
    void Remove();
}

/// <summary>Counts the open sockets of one kind.</summary>
internal sealed class SocketCount : ISocketCount
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    public void Add() => Interlocked.Increment(ref _open);

    public void Remove() => Interlocked.Decrement(ref _open);
}
