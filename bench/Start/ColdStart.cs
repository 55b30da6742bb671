using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.Actors.Connections;
using Instancer.Bench.Net;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>From a client's connect to its first answer, with a container made for it on the way.</summary>
internal static class ColdStart
{
    private const string Node = "bench";
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(500);
    private const string Label = $"instancer.node={Node}";

    public static async Task<(double[] Direct, double[] Ours)> MeasureAsync(PublishedGateway gateway, DockerEngineFixture docker, int rounds)
    {
        using var contender = new DockerNode(gateway.Executable, docker.Host, Node, "\"address\": \"bridge\"").Start(0, 0);
        var direct = new List<double>();
        var ours = new List<double>();

        // The first round makes the network and warms both up; it does not count.
        for (var round = 0; round <= rounds; round++)
        {
            await AwaitQuietAsync(docker.Engine);
            var mine = await ThroughAsync(contender, (ushort)(round + 1));
            await AwaitQuietAsync(docker.Engine);
            var bare = await DirectAsync(docker.Engine);
            if (round > 0)
            {
                ours.Add(mine);
                direct.Add(bare);
                Console.Error.WriteLine($"round {round}: {mine:0.0} ms through Instancer, {bare:0.0} ms straight");
            }
        }

        return ([.. direct], [.. ours]);
    }

    /// <summary>Milliseconds from the connect of a client that nobody knows to its first answer.</summary>
    public static async Task<double> ThroughAsync(Contender contender, ushort identifier)
    {
        var preamble = new byte[Preamble.Length];
        LoadClient.PreambleToken.CopyTo(preamble, 0);
        BinaryPrimitives.WriteUInt16BigEndian(preamble.AsSpan(Preamble.TokenLength), identifier);
        var watch = Stopwatch.StartNew();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, contender.Work);
        await socket.SendAsync(preamble);
        await AwaitAnswerAsync(socket);
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task<double> DirectAsync(EngineApi engine)
    {
        var watch = Stopwatch.StartNew();
        var created = await engine.SendAsync(HttpMethod.Post, "containers/create", SameContainer());
        var id = created!["Id"]!.GetValue<string>();
        await engine.SendAsync(HttpMethod.Post, $"containers/{id}/start");
        var inspected = await engine.InspectAsync(id);
        var address = inspected!["NetworkSettings"]!["Networks"]![$"instancer-{Node}"]!["IPAddress"]!.GetValue<string>();
        double elapsed;
        using (var socket = await ConnectAsync(new IPEndPoint(IPAddress.Parse(address), TestImages.Port), watch))
        {
            await AwaitAnswerAsync(socket);
            elapsed = watch.Elapsed.TotalMilliseconds;

            // Both ends are told before the container goes: what would be sent to its address later has the kernel look for it in vain, and
            // the next container, which gets the same address, waits for a second until the kernel looks again.
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(new byte[64]) > 0)
            {
            }
        }

        await engine.RemoveAsync(id);
        return elapsed;
    }

    // With Instancer's defaults: some of them, such as the init, take their time wherever they are asked for.
    private static JsonObject SameContainer() => new()
    {
        ["Image"] = TestImages.LineServer,
        ["User"] = "65534:65534",
        ["HostConfig"] = new JsonObject
        {
            ["NetworkMode"] = $"instancer-{Node}",
            ["Memory"] = 256 << 20,
            ["MemorySwap"] = 256 << 20,
            ["NanoCpus"] = 1_000_000_000,
            ["PidsLimit"] = 128,
            ["Ulimits"] = new JsonArray(new JsonObject { ["Name"] = "nofile", ["Soft"] = 1024, ["Hard"] = 1024 }),
            ["ReadonlyRootfs"] = true,
            ["Tmpfs"] = new JsonObject { ["/tmp"] = "rw,nosuid,nodev,noexec,mode=1777,size=16777216" },
            ["CapDrop"] = new JsonArray("ALL"),
            ["SecurityOpt"] = new JsonArray("no-new-privileges"),
            ["Init"] = true,
            ["LogConfig"] = new JsonObject
            {
                ["Type"] = "json-file",
                ["Config"] = new JsonObject { ["max-size"] = "1m", ["max-file"] = "1" },
            },
        },
    };

    private static async Task<Socket> ConnectAsync(IPEndPoint address, Stopwatch watch)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(address);
                return socket;
            }
            catch (SocketException) when (watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                socket.Dispose();
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
            }
        }
    }

    private static async Task AwaitAnswerAsync(Socket socket)
    {
        await socket.SendAsync("hello\n"u8.ToArray());
        if (await socket.ReceiveAsync(new byte[64]) == 0)
        {
            throw new InvalidOperationException("The line server gave no answer.");
        }
    }

    // The engine and the kernel go on clearing up for a while after a container is gone; a start that meets it waits for the same locks.
    private static async Task AwaitQuietAsync(EngineApi engine)
    {
        for (var watch = Stopwatch.StartNew(); (await engine.ContainersAsync(Label)).Count > 0;)
        {
            if (watch.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException("The idle container was not removed.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        await Task.Delay(Quiet, TimeProvider.System);
    }
}
