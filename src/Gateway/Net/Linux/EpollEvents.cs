using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Instancer.Gateway.Net.Linux;

/// <summary>What epoll(7) reports. <see cref="Error"/> and <see cref="HangUp"/> are reported whether asked for or not.</summary>
[Flags]
internal enum EpollEvents : uint
{
    /// <summary>Nothing but an error or a hang-up: what a reset causes, and an end of the peer's sending side does not.</summary>
    None = 0,

    /// <summary>There is something to read.</summary>
    Readable = 0x1,

    /// <summary>There is an urgent byte.</summary>
    Urgent = 0x2,

    /// <summary>There is room to write.</summary>
    Writable = 0x4,

    /// <summary>The connection is lost: reset, or timed out.</summary>
    Error = 0x8,

    /// <summary>Both sides ended, or the connection is lost.</summary>
    HangUp = 0x10,

    /// <summary>The peer ended its sending side.</summary>
    PeerEnded = 0x2000,

    /// <summary>Reported once, then no more until asked for again.</summary>
    Once = 1u << 30,

    /// <summary>Reported when it becomes so, not for as long as it is so.</summary>
    Edge = 1u << 31,
}

/// <summary>The layout of <c>struct epoll_event</c>: packed on x86-64 only.</summary>
internal static class EpollEventLayout
{
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>The size of one event in bytes.</summary>
    public static int Size { get; } = DataOffset + sizeof(ulong);

    public static void Write(Span<byte> target, EpollEvents events, ulong data)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)events);
        BinaryPrimitives.WriteUInt64LittleEndian(target[DataOffset..], data);
    }

    public static (EpollEvents Events, ulong Data) Read(ReadOnlySpan<byte> source) =>
        ((EpollEvents)BinaryPrimitives.ReadUInt32LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[DataOffset..]));
}
