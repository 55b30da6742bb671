using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Instancer.Bench.Net;

namespace Instancer.Bench.Gate;

/// <summary>
/// <c>bench gate-flood --port PORT [--slow N] [--silent N] [--garbage N] [--garbage-rate N] [--sources N]</c>: strangers at a gateway on 127.0.0.1, who come again
/// whenever they are closed, until standard input ends. Prints how many are connected when nearly all are, or when half a minute has not sufficed.
/// </summary>
internal sealed class Flood
{
    private const int PreambleLength = 130;
    private const int ConnectsPerSecond = 3000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FloodOptions _options;
    private readonly IPEndPoint _target;
    private readonly TokenBucketRateLimiter _connects;
    private readonly TokenBucketRateLimiter _garbage;
    private int _connected;

    private Flood(FloodOptions options, IPEndPoint target)
    {
        (_options, _target) = (options, target);
        _connects = Pace(ConnectsPerSecond);
        _garbage = Pace(options.GarbageRate);
    }

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        GiveWay();
        var flood = new Flood(FloodOptions.From(arguments), new IPEndPoint(IPAddress.Loopback, arguments.Number("port", 0)));
        flood.Start();
        for (var watch = Stopwatch.StartNew(); flood._connected < flood._options.Total * 98 / 100 && watch.Elapsed < Patience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        Console.WriteLine(flood._connected);
        await Console.In.ReadToEndAsync();
        return 0;
    }

    // Strangers are on machines of their own, and take no processor from the gateway and the honest client. Where the kernel shares the processors out by session first (sched(7), autogroup), it is
    // the session that has to give way; where it does not, the niceness that this process was started with suffices.
    private static void GiveWay()
    {
        const string Group = "/proc/self/autogroup";
        if (File.Exists(Group))
        {
            File.WriteAllText(Group, "19");
        }
    }

    private void Start()
    {
        Func<int, Task>[] kinds =
        [
            .. Enumerable.Repeat(Slow, _options.Slow), .. Enumerable.Repeat(Silent, _options.Silent), .. Enumerable.Repeat(Garbage, _options.Garbage),
        ];

        // All kinds from the first moment on.
        Random.Shared.Shuffle(kinds);
        foreach (var (index, live) in kinds.Index())
        {
            _ = live(index);
        }

        Task Slow(int index) => LiveAsync(index, SendSlowlyAsync);
        Task Silent(int index) => LiveAsync(index, (_, closed) => closed);
        Task Garbage(int index)
        {
            Task? turn = null;
            return LiveAsync(index, async (socket, closed) => turn = await SendGarbageAsync(socket, closed, turn));
        }
    }

    private async Task LiveAsync(int index, Func<Socket, Task, Task> behave)
    {
        var source = new IPEndPoint(Source(index % _options.Sources), 0);
        while (true)
        {
            (await _connects.AcquireAsync()).Dispose();
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            var isConnected = false;
            try
            {
                socket.Bind(source);
                await socket.ConnectAsync(_target);
                Interlocked.Increment(ref _connected);
                isConnected = true;
                await behave(socket, ClosedAsync(socket));
            }
            catch (SocketException)
            {
                // Turned away, or closed with what was sent unread. It comes again.
            }
            finally
            {
                if (isConnected)
                {
                    Interlocked.Decrement(ref _connected);
                }
            }
        }
    }

    private static async Task SendSlowlyAsync(Socket socket, Task closed)
    {
        using var timer = new PeriodicTimer(Second, TimeProvider.System);
        while (await timer.WaitForNextTickAsync() && !closed.IsCompleted)
        {
            socket.Send([(byte)Random.Shared.Next()]);
        }
    }

    // Waits connected for its turn to send; what is returned is the turn that it still waits for when it is closed before.
    private async Task<Task?> SendGarbageAsync(Socket socket, Task closed, Task? turn)
    {
        turn ??= TakeTurnAsync();
        if (await Task.WhenAny(closed, turn) == closed)
        {
            return turn;
        }

        var garbage = new byte[PreambleLength];
        Random.Shared.NextBytes(garbage);
        socket.Send(garbage);
        await closed;
        return null;
    }

    private async Task TakeTurnAsync() => (await _garbage.AcquireAsync()).Dispose();

    // Ends when the gateway closes, in whatever way.
    private static async Task ClosedAsync(Socket socket)
    {
        try
        {
            while (await socket.ReceiveAsync(new byte[1].AsMemory()) > 0)
            {
                // A line for a stranger, if there is one.
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Reset, or closed here.
        }
    }

    // 127.1.0.1 and up.
    private static IPAddress Source(int number) => new([127, (byte)(1 + (number / 62_500)), (byte)(number / 250 % 250), (byte)(1 + (number % 250))]);

    // Evenly: no more often than every two milliseconds, which timers can do, and then no more than it takes.
    private static TokenBucketRateLimiter Pace(int perSecond)
    {
        const int MostTimes = 500;
        var rate = Math.Max(1, perSecond);
        var tokens = (rate + MostTimes - 1) / MostTimes;
        return new(new TokenBucketRateLimiterOptions
        {
            TokensPerPeriod = tokens,
            TokenLimit = tokens,
            ReplenishmentPeriod = Second * tokens / rate,
            QueueLimit = int.MaxValue,
        });
    }
}
