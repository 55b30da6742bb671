using System.Runtime.InteropServices;

namespace Instancer.Gateway.Net.Linux;

/// <summary>The system calls of the epoll transport, as in the Linux manual's section 2. A result of -1 has its reason in errno.</summary>
internal static partial class Libc
{
    internal const int ShutdownWrite = 1;
    internal const int SocketNonBlocking = 0x800;
    internal const int SocketCloseOnExec = 0x80000;
    internal const int StreamSocket = 1;
    internal const int MessagePeek = 0x2;
    internal const int MessageNoSignal = 0x4000;
    internal const int NumberOfFiles = 7;
    internal const int ReadOnly = 0;
    internal const int PathOnly = 0x200000;
    internal const int CloseOnExec = 0x80000;
    internal const int NetworkNamespace = 0x40000000;

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int bind(SocketHandle socket, ref byte address, int length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int listen(SocketHandle socket, int backlog);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int connect(SocketHandle socket, ref byte address, int length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int accept4(SocketHandle socket, ref byte address, ref int length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getsockname(SocketHandle socket, ref byte address, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    internal static unsafe partial int setsockopt(SocketHandle socket, int level, int name, void* value, int length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getsockopt(SocketHandle socket, int level, int name, ref int value, ref int length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint recv(SocketHandle socket, ref byte buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint send(SocketHandle socket, ref byte buffer, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int shutdown(SocketHandle socket, int how);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_ctl(FileHandle epoll, int operation, SocketHandle socket, ref byte epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int epoll_ctl_file(FileHandle epoll, int operation, FileHandle file, ref byte epollEvent);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int epoll_wait(FileHandle epoll, ref byte events, int count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(FileHandle file, ref ulong value, nint length);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(FileHandle file, ref ulong value, nint length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int setns(FileHandle file, int kind);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int getrlimit(int resource, out ResourceLimit limit);
}

/// <summary><c>struct rlimit</c>.</summary>
internal readonly record struct ResourceLimit(ulong Soft, ulong Hard);
