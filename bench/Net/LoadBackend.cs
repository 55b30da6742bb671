using System.Net;
using System.Net.Sockets;

namespace Instancer.Bench.Net;

/// <summary>
/// <c>bench net-backend [--work PORT] [--hold PORT]</c>: what all contenders have behind them. Prints two ports: one for work, where a
/// connection's first byte says what it is for, and one that only holds connections.
/// </summary>
internal static class LoadBackend
{
    public const byte Echo = (byte)'E';
    public const byte Sink = (byte)'S';
    public const byte Source = (byte)'P';

    private const int Threads = 64;

    public static Task<int> RunAsync(string[] args)
    {
        // Not disposed: threads wait in them until the process ends.
        var arguments = new Arguments(args);
        var work = Listen(arguments.Number("work", 0));
        var hold = Listen(arguments.Number("hold", 0));
        for (var i = 0; i < Threads; i++)
        {
            Start(() => Serve(work.Accept()));
        }

        Start(() => _ = HoldAsync(hold.Accept()));
        Console.WriteLine($"{((IPEndPoint)work.LocalEndPoint!).Port} {((IPEndPoint)hold.LocalEndPoint!).Port}");
        if (arguments.Text("work") is null && arguments.Text("hold") is null)
        {
            Console.In.ReadToEnd();
        }
        else
        {
            // As somebody's instance: until it is killed.
            Thread.CurrentThread.Join();
        }

        return Task.FromResult(0);
    }

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        socket.Listen(65535);
        return socket;
    }

    private static void Start(Action forEver)
    {
        var thread = new Thread(() =>
        {
            while (true)
            {
                forEver();
            }
        });
        thread.IsBackground = true;
        thread.Start();
    }

    private static async Task HoldAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await socket.ReceiveAsync(Memory<byte>.Empty);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // The load was taken away.
            }
        }
    }

    private static void Serve(Socket socket)
    {
        var chunk = Chunk.Mine;
        using (socket)
        {
            socket.NoDelay = true;
            try
            {
                if (socket.Receive(chunk.AsSpan(0, 1)) == 1)
                {
                    Serve(socket, chunk[0], chunk);
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
            {
                // The load was taken away.
            }
        }
    }

    private static void Serve(Socket socket, byte role, byte[] chunk)
    {
        switch (role)
        {
            case Echo:
                while (socket.Receive(chunk) is var count and > 0)
                {
                    socket.Send(chunk.AsSpan(0, count));
                }

                break;
            case Sink:
                while (socket.Receive(chunk) > 0)
                {
                }

                socket.Send(chunk.AsSpan(0, 1));
                break;
            case Source:
                // The client's end is the sign to stop.
                while (!socket.Poll(0, SelectMode.SelectRead))
                {
                    socket.Send(chunk);
                }

                break;
            default:
                throw new InvalidOperationException($"Nobody knows the role {role}.");
        }
    }
}

/// <summary>A thread's buffer for load.</summary>
internal static class Chunk
{
    [ThreadStatic]
    private static byte[]? _mine;

    public static byte[] Mine => _mine ??= new byte[256 * 1024];
}
