using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.Gateway.Net.Linux;
using Instancer.TestKit.Docker;

namespace Instancer.Bench.Start;

/// <summary>The other contender: whoever talks to the engine without Instancer, and asks it for the same containers.</summary>
/// <param name="engine">The engine.</param>
/// <param name="network">The containers' network; <c>none</c> for none, and then they are dialled from inside.</param>
internal sealed class DirectEngine(EngineApi engine, string network) : IDisposable
{
    /// <summary>Marks what it makes.</summary>
    public const string Label = "instancer-bench.direct=1";

    private const string NoNetwork = "none";
    private readonly NamespaceThread _namespaces = new();

    /// <summary>Makes a container, starts it and has its first answer.</summary>
    public async Task<(string Id, Socket Session)> StartAsync()
    {
        var created = await engine.SendAsync(HttpMethod.Post, "containers/create", SameContainer());
        var id = (string)created!["Id"]!;
        await engine.SendAsync(HttpMethod.Post, $"containers/{id}/start");
        var inspected = await engine.InspectAsync(id);
        var session = await ConnectAsync(inspected!);
        await LineClient.AskAsync(session);
        return (id, session);
    }

    public void Dispose() => _namespaces.Dispose();

    // The server needs a moment until it listens.
    private async Task<Socket> ConnectAsync(JsonNode container)
    {
        Socket? connected = null;
        await Until.TrueAsync(
            async () =>
            {
                var deadline = Environment.TickCount64 + 10;
                do
                {
                    var (socket, address) = await OpenAsync(container);
                    try
                    {
                        await socket.ConnectAsync(address);
                        connected = socket;
                        return true;
                    }
                    catch (SocketException)
                    {
                        socket.Dispose();
                        await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System);
                    }
                }
                while (Environment.TickCount64 < deadline);
                return false;
            },
            stated: "the line server accepts");
        return connected!;
    }

    private async Task<(Socket Socket, IPEndPoint Address)> OpenAsync(JsonNode container)
    {
        if (network != NoNetwork)
        {
            var ip = IPAddress.Parse((string)container["NetworkSettings"]!["Networks"]![network]!["IPAddress"]!);
            return (new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }, new IPEndPoint(ip, TestImages.Port));
        }

        var inside = new NamespaceBackendAddress(
            (int)container["State"]!["Pid"]!, (string)container["Id"]!, new IPEndPoint(IPAddress.Loopback, TestImages.Port));
        var (number, reason) = await _namespaces.OpenSocketAsync(inside);
        return number < 0
            ? throw new InvalidOperationException(reason)
            : (new Socket(new SafeSocketHandle(number, ownsHandle: true)) { NoDelay = true }, inside.EndPoint);
    }

    // With Instancer's defaults: some of them, such as the init, take their time wherever they are asked for.
    private JsonObject SameContainer() => new()
    {
        ["Image"] = TestImages.LineServer,
        ["User"] = "65534:65534",
        ["Labels"] = new JsonObject { [Label.Split('=')[0]] = Label.Split('=')[1] },
        ["HostConfig"] = new JsonObject
        {
            ["NetworkMode"] = network,
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
}
