using Microsoft.Win32.SafeHandles;

namespace Instancer.Gateway.Net.Linux;

/// <summary>Owns a file descriptor that is no socket.</summary>
internal sealed class FileHandle : SafeHandleMinusOneIsInvalid
{
    /// <param name="number">What a system call returned.</param>
    /// <exception cref="System.Net.Sockets.SocketException">It had failed.</exception>
    public FileHandle(int number)
        : base(ownsHandle: true)
    {
        SetHandle(number);
        if (IsInvalid)
        {
            throw Errnos.Last.ToException();
        }
    }

    /// <summary>The descriptor's number.</summary>
    public int Number => (int)handle;

    /// <summary>Opens a file; null, with the reason in <paramref name="errno"/>, if it cannot be opened.</summary>
    public static FileHandle? Open(string path, int flags, out Errno errno)
    {
        var number = Libc.open(path, flags | Libc.CloseOnExec);
        errno = number < 0 ? Errnos.Last : Errno.None;
        return number < 0 ? null : new FileHandle(number);
    }

    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
