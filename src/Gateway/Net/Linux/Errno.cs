using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Instancer.Gateway.Net.Linux;

/// <summary>The reasons that decide something here, as in errno(3).</summary>
internal enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>No such file (ENOENT).</summary>
    NoSuchFile = 2,

    /// <summary>The process has ended (ESRCH).</summary>
    NoSuchProcess = 3,

    /// <summary>A signal came between; to be tried again.</summary>
    Interrupted = 4,

    /// <summary>Nothing to read, or no room to write, now.</summary>
    WouldBlock = 11,

    /// <summary>The process may open no more files (EMFILE).</summary>
    TooManyFiles = 24,

    /// <summary>The connect goes on (EALREADY).</summary>
    Already = 114,

    /// <summary>The connect goes on (EINPROGRESS).</summary>
    InProgress = 115,

    /// <summary>The connect is done (EISCONN).</summary>
    IsConnected = 106,
}

/// <summary>Reading errno.</summary>
internal static class Errnos
{
    /// <summary>The reason why this thread's last system call failed.</summary>
    public static Errno Last => (Errno)Marshal.GetLastPInvokeError();

    /// <summary>The reason as .NET names it.</summary>
    public static SocketException ToException(this Errno errno) => new((int)ToSocketError(errno), Marshal.GetPInvokeErrorMessage((int)errno));

    /// <summary>The reason in one line.</summary>
    public static string ToMessage(this Errno errno) => Marshal.GetPInvokeErrorMessage((int)errno);

    private static SocketError ToSocketError(Errno errno) => (int)errno switch
    {
        98 => SocketError.AddressAlreadyInUse,
        99 => SocketError.AddressNotAvailable,
        1 or 13 => SocketError.AccessDenied,
        _ => SocketError.SocketError,
    };
}
