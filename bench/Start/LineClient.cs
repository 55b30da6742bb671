using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Bench.Net;

namespace Instancer.Bench.Start;

/// <summary>A client of the tests' line server.</summary>
internal static class LineClient
{
    /// <summary>Connects as a key and has its first answer.</summary>
    public static async Task<Socket> OpenAsync(Contender contender, ushort identifier)
    {
        var preamble = new byte[Preamble.Length];
        LoadClient.PreambleToken.CopyTo(preamble, 0);
        BinaryPrimitives.WriteUInt16BigEndian(preamble.AsSpan(Preamble.TokenLength), identifier);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, contender.Work);
            await socket.SendAsync(preamble);
            await AskAsync(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a line and awaits the answer.</summary>
    public static async Task AskAsync(Socket socket)
    {
        await socket.SendAsync("hello\n"u8.ToArray());
        if (await socket.ReceiveAsync(new byte[64]) == 0)
        {
            throw new InvalidOperationException("The line server gave no answer.");
        }
    }

    /// <summary>
    /// Both ends are told before the container goes: what would be sent to its address later has the kernel look for it in vain, and the next
    /// container, which gets the same address, waits for a second until the kernel looks again.
    /// </summary>
    public static async Task CloseAsync(Socket socket)
    {
        using (socket)
        {
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(new byte[64]) > 0)
            {
            }
        }
    }
}
