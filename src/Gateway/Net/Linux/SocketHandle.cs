using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Instancer.Gateway.Net.Linux;

/// <summary>Owns a non-blocking socket's file descriptor. It is closed when nobody is in a system call with it any more.</summary>
internal sealed class SocketHandle : SafeHandleMinusOneIsInvalid
{
    private const int SocketLevel = 1;
    private const int SocketReuseAddress = 2;
    private const int SocketPendingError = 4;
    private const int SocketKeepAlive = 9;
    private const int SocketUrgentInline = 10;
    private const int SocketLinger = 13;
    private const int TcpLevel = 6;
    private const int TcpNoDelay = 1;
    private const int TcpInfo = 11;
    private const int TcpInfoUnacked = 6;
    private const int TcpKeepAliveIdle = 4;
    private const int TcpKeepAliveInterval = 5;
    private const int TcpKeepAliveCount = 6;
    private const int IPv6Level = 41;
    private const int IPv6Only = 26;

    private readonly ISocketCount? _count;

    /// <param name="number">The descriptor, taken over.</param>
    /// <param name="count">Counts it until it is closed; null for nobody.</param>
    public SocketHandle(int number, ISocketCount? count = null)
        : base(ownsHandle: true)
    {
        SetHandle(number);
        _count = count;
        count?.Add();
    }

    /// <summary>The number of a new non-blocking TCP socket; -1 if there can be none.</summary>
    public static int Open(AddressFamily family) => Libc.socket(
        SocketAddressBytes.Domain(family), Libc.StreamSocket | Libc.SocketNonBlocking | Libc.SocketCloseOnExec, 0);

    /// <summary>The loop that it is registered with; null while it is with none.</summary>
    public EpollLoop? Loop { get; set; }

    /// <summary>The descriptor's number.</summary>
    public int Number => (int)handle;

    /// <summary>Receives what is there; -1 with <paramref name="errno"/> if that is nothing, 0 at the end.</summary>
    public int Receive(Span<byte> buffer, out Errno errno)
    {
        nint count;
        do
        {
            count = Libc.recv(this, ref MemoryMarshal.GetReference(buffer), buffer.Length, 0);
            errno = count < 0 ? Errnos.Last : Errno.None;
        }
        while (errno == Errno.Interrupted);
        return (int)count;
    }

    /// <summary>Looks whether a receive would bring something: 1 if so, and takes nothing; else as <see cref="Receive"/>.</summary>
    public int Look(out Errno errno)
    {
        byte look = 0;
        nint count;
        do
        {
            count = Libc.recv(this, ref look, sizeof(byte), Libc.MessagePeek);
            errno = count < 0 ? Errnos.Last : Errno.None;
        }
        while (errno == Errno.Interrupted);
        return (int)count;
    }

    /// <summary>Sends as much as there is room for; -1 with <paramref name="errno"/> if that is nothing.</summary>
    public int Send(ReadOnlySpan<byte> buffer, out Errno errno)
    {
        nint count;
        do
        {
            count = Libc.send(this, ref MemoryMarshal.GetReference(buffer), buffer.Length, Libc.MessageNoSignal);
            errno = count < 0 ? Errnos.Last : Errno.None;
        }
        while (errno == Errno.Interrupted);
        return (int)count;
    }

    /// <summary>The address that it is bound to, a mapped IPv4 address as IPv4.</summary>
    /// <exception cref="SocketException">The system does not say.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public IPEndPoint LocalEndPoint()
    {
        Span<byte> address = stackalloc byte[SocketAddressBytes.Length];
        var length = address.Length;
        Check(Libc.getsockname(this, ref address[0], ref length));
        return SocketAddressBytes.Parse(address[..length]);
    }

    /// <summary>Whether a client waits to be accepted by this listening socket: what tcp(7) calls tcpi_unacked is, for one that listens, the length of its queue.</summary>
    public bool HasWaiting()
    {
        Span<int> info = stackalloc int[TcpInfoUnacked + 1];
        var length = info.Length * sizeof(int);
        return Libc.getsockopt(this, TcpLevel, TcpInfo, ref info[0], ref length) == 0 && info[TcpInfoUnacked] > 0;
    }

    /// <summary>Sends a few bytes; false if there is no room for all of them, the connection is lost or the socket is closed.</summary>
    public bool TrySendAll(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Send(bytes, out _) == bytes.Length;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Ends the sending side; false if the connection is lost or the socket is closed.</summary>
    public bool EndSending()
    {
        try
        {
            return Libc.shutdown(this, Libc.ShutdownWrite) == 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Takes the error that the connection has come to, if any.</summary>
    public Errno TakeError()
    {
        var error = 0;
        var length = sizeof(int);
        return Libc.getsockopt(this, SocketLevel, SocketPendingError, ref error, ref length) == 0 ? (Errno)error : Errnos.Last;
    }

    /// <summary>
    /// What each data socket has: no delay for small writes, and urgent bytes where they were sent in the stream, since left out of it they
    /// would be lost. Accepted sockets have it from their listener.
    /// </summary>
    public void SetUp()
    {
        Set(TcpLevel, TcpNoDelay, 1);
        Set(SocketLevel, SocketUrgentInline, 1);
    }

    /// <summary>As <see cref="IExactSocket.LookAfterPeer"/>; nothing if it is closed already.</summary>
    public void KeepAlive()
    {
        try
        {
            Set(TcpLevel, TcpKeepAliveIdle, Net.KeepAlive.Idle);
            Set(TcpLevel, TcpKeepAliveInterval, Net.KeepAlive.Interval);
            Set(TcpLevel, TcpKeepAliveCount, Net.KeepAlive.Count);
            Set(SocketLevel, SocketKeepAlive, 1);
        }
        catch (ObjectDisposedException)
        {
            // Closed already.
        }
    }

    /// <summary>Lets a listener bind a port that closed connections still linger on; a live listener still keeps it.</summary>
    public void ReuseAddress() => Set(SocketLevel, SocketReuseAddress, 1);

    /// <summary>Lets an IPv6 listener take IPv4 clients too.</summary>
    public void TakeBothFamilies() => Set(IPv6Level, IPv6Only, 0);

    /// <summary>Closes with a reset; nothing if it is closed already.</summary>
    public unsafe void Abort()
    {
        try
        {
            var linger = stackalloc int[] { 1, 0 };
            Check(Libc.setsockopt(this, SocketLevel, SocketLinger, linger, 2 * sizeof(int)));
        }
        catch (ObjectDisposedException)
        {
            // Closed already.
        }

        Dispose();
    }

    protected override bool ReleaseHandle()
    {
        // Before the close: after it the number may be another socket's.
        Loop?.Forget((int)handle);
        _count?.Remove();
        return Libc.close((int)handle) == 0;
    }

    private unsafe void Set(int level, int name, int value) => Check(Libc.setsockopt(this, level, name, &value, sizeof(int)));

    private static void Check(int result)
    {
        if (result < 0)
        {
            throw Errnos.Last.ToException();
        }
    }
}
