using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Instancer.Bench.Net;

namespace Instancer.Bench.Start;

/// <summary>
/// A few sessions that make round trips of 64 bytes all the time, a hundred a second each: what somebody who is connected already notices of what
/// else goes on. Two of them go through Instancer and two straight to the same server, so that Instancer's part can be told from the machine's.
/// </summary>
internal sealed class SteadySessions : IDisposable
{
    private const int SessionsEach = 2;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _sessions = [];
    private readonly Lock _taking = new();
    private List<double> _through = [];
    private List<double> _straight = [];

    public static async Task<SteadySessions> StartAsync(WatchedNode node)
    {
        var steady = new SteadySessions();
        try
        {
            await steady.OpenAsync(node);
            return steady;
        }
        catch
        {
            steady.Dispose();
            throw;
        }
    }

    /// <summary>The times since the last call in milliseconds: through Instancer, and straight. Fails if a session has.</summary>
    public (double[] Through, double[] Straight) Take()
    {
        if (_sessions.Find(session => session.IsCompleted) is { } over)
        {
            over.GetAwaiter().GetResult();
            throw new InvalidOperationException("A session is over.");
        }

        lock (_taking)
        {
            var taken = (_through.Order().ToArray(), _straight.Order().ToArray());
            (_through, _straight) = ([], []);
            return taken;
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        Task.WhenAll(_sessions).ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        _end.Dispose();
    }

    private async Task OpenAsync(WatchedNode node)
    {
        for (var i = 0; i < SessionsEach; i++)
        {
            Run(await ConnectAsync(new IPEndPoint(IPAddress.Loopback, node.Hold), [.. node.Preamble, LoadBackend.Echo]), time => _through.Add(time));
        }

        var server = IPEndPoint.Parse((string)(await node.InstancesAsync("hold"))[0]["address"]!);
        for (var i = 0; i < SessionsEach; i++)
        {
            Run(await ConnectAsync(server, [LoadBackend.Echo]), time => _straight.Add(time));
        }
    }

    private static async Task<Socket> ConnectAsync(IPEndPoint address, byte[] first)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 30_000 };
        await socket.ConnectAsync(address);
        await socket.SendAsync(first);
        // Its first round trip includes the start of the server.
        await socket.SendAsync(first.AsMemory(0, 1));
        await socket.ReceiveAsync(new byte[1]);
        return socket;
    }

    private void Run(Socket socket, Action<double> add) => _sessions.Add(Task.Factory.StartNew(
        () =>
        {
            using (socket)
            {
                Span<byte> message = stackalloc byte[64];
                while (!_end.Token.WaitHandle.WaitOne(Interval))
                {
                    var start = Stopwatch.GetTimestamp();
                    socket.Send(message);
                    for (var rest = message; rest.Length > 0;)
                    {
                        var count = socket.Receive(rest);
                        rest = count > 0 ? rest[count..] : throw new InvalidOperationException("The session ended.");
                    }

                    var time = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                    lock (_taking)
                    {
                        add(time);
                    }
                }
            }
        },
        TaskCreationOptions.LongRunning));
}
