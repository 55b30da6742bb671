using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Instancer.Bench.Net;

/// <summary>The load: blocking sockets, a thread for each session, the same for all contenders.</summary>
internal static class LoadClient
{
    /// <summary>The token of contenders that want one.</summary>
    public static readonly byte[] PreambleToken = [.. Enumerable.Range(0, 128).Select(i => (byte)i)];

    /// <summary>Sends for a while; bytes a second, until the backend has them all.</summary>
    public static double Upload(Contender to, int sessions, TimeSpan time) => Bulk(sessions, () =>
    {
        using var socket = Open(to, LoadBackend.Sink);
        long bytes = 0;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            bytes += socket.Send(Chunk.Mine);
        }

        socket.Shutdown(SocketShutdown.Send);
        ReceiveAll(socket, Chunk.Mine.AsSpan(0, 1));
        return bytes;
    });

    /// <summary>Receives for a while; bytes a second, until the end has come.</summary>
    public static double Download(Contender from, int sessions, TimeSpan time) => Bulk(sessions, () =>
    {
        using var socket = Open(from, LoadBackend.Source);
        long bytes = 0;
        var ended = false;
        for (var watch = Stopwatch.StartNew(); socket.Receive(Chunk.Mine) is var count and > 0;)
        {
            bytes += count;
            if (!ended && watch.Elapsed >= time)
            {
                ended = true;
                socket.Shutdown(SocketShutdown.Send);
            }
        }

        return bytes;
    });

    /// <summary>Sends 64 bytes and awaits them back, over and over; the times of all in seconds, ordered.</summary>
    public static double[] RoundTrips(Contender through, int sessions, TimeSpan time)
    {
        var times = OnThreads(sessions, () =>
        {
            using var socket = Open(through, LoadBackend.Echo);
            var message = Chunk.Mine.AsSpan(0, 64);
            var mine = new List<double>(200_000);
            for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
            {
                var start = Stopwatch.GetTimestamp();
                socket.Send(message);
                ReceiveAll(socket, message);
                mine.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return mine;
        });
        return [.. times.SelectMany(mine => mine).Order()];
    }

    /// <summary>Connects, has one byte back and closes, over and over; connections a second.</summary>
    public static double Connections(Contender through, int threads, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var counts = OnThreads(threads, () =>
        {
            var count = 0;
            for (; watch.Elapsed < time; count++)
            {
                using var socket = Open(through, LoadBackend.Echo);
                socket.Send(Chunk.Mine.AsSpan(0, 1));
                ReceiveAll(socket, Chunk.Mine.AsSpan(0, 1));
            }

            return count;
        });
        return counts.Sum() / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Connects, has one byte back and closes, over and over, one connection at a time; the times of all until the answer in seconds, ordered.</summary>
    public static double[] FirstAnswers(Contender through, TimeSpan time)
    {
        var times = new List<double>(20_000);
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < time;)
        {
            times.Add(FirstAnswer(through));
        }

        return [.. times.Order()];
    }

    /// <summary>Connects, has one byte back and closes; the time until the answer in seconds.</summary>
    public static double FirstAnswer(Contender through)
    {
        var start = Stopwatch.GetTimestamp();
        using var socket = Open(through, LoadBackend.Echo);
        socket.Send(Chunk.Mine.AsSpan(0, 1));
        ReceiveAll(socket, Chunk.Mine.AsSpan(0, 1));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Opens connections that say nothing.</summary>
    public static List<Socket> Idle(Contender to, int count) => [.. Enumerable.Range(0, count).Select(_ => Connect(to, to.Hold))];

    private static Socket Connect(Contender to, int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            SendTimeout = 30_000,
            ReceiveTimeout = 30_000,
        };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, port));
        if (to.Preamble is { Length: > 0 } preamble)
        {
            socket.Send(preamble);
        }

        return socket;
    }

    private static Socket Open(Contender to, byte role)
    {
        var socket = Connect(to, to.Work);
        socket.Send([role]);
        return socket;
    }

    private static void ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = socket.Receive(bytes);
            bytes = count > 0 ? bytes[count..] : throw new InvalidOperationException("The connection ended too early.");
        }
    }

    private static double Bulk(int sessions, Func<long> session)
    {
        var watch = Stopwatch.StartNew();
        var bytes = OnThreads(sessions, session).Sum();
        return bytes / watch.Elapsed.TotalSeconds;
    }

    private static T[] OnThreads<T>(int count, Func<T> work)
    {
        // As tasks on threads of their own, so that a failure comes out here.
        var tasks = Enumerable.Range(0, count).Select(_ => Task.Factory.StartNew(work, TaskCreationOptions.LongRunning)).ToArray();
        return Task.WhenAll(tasks).GetAwaiter().GetResult();
    }
}
