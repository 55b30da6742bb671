using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Instancer.Actors.Instances;
using Instancer.TestKit.Docker;

namespace Instancer.Gateway.Tests.Net;

/// <summary>A container without any network, of the test's own making, that answers lines.</summary>
internal sealed class BareContainer : IAsyncDisposable
{
    private readonly EngineApi _engine;

    private BareContainer(EngineApi engine, string id, int processId) => (_engine, ContainerId, ProcessId) = (engine, id, processId);

    public string ContainerId { get; }

    public int ProcessId { get; }

    /// <summary>Where its server is dialled.</summary>
    public NamespaceBackendAddress Address => new(ProcessId, ContainerId, new IPEndPoint(IPAddress.Loopback, TestImages.Port));

    /// <summary>Starts it, and waits until it listens.</summary>
    public static async Task<BareContainer> StartAsync(EngineApi engine, params string[] command)
    {
        var body = new JsonObject { ["Image"] = TestImages.LineServer, ["HostConfig"] = new JsonObject { ["NetworkMode"] = "none" } };
        if (command.Length > 0)
        {
            body["Cmd"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]);
        }

        var id = (string)(await engine.SendAsync(HttpMethod.Post, "containers/create", body))!["Id"]!;
        await engine.SendAsync(HttpMethod.Post, $"containers/{id}/start");
        var container = new BareContainer(engine, id, (int)(await engine.InspectAsync(id))!["State"]!["Pid"]!);
        await Until.TrueAsync(() => container.Listens("tcp") || container.Listens("tcp6"), stated: "the server in the container listens");
        return container;
    }

    /// <summary>Ends it, and waits until its process is gone.</summary>
    public async Task KillAsync()
    {
        await _engine.KillAsync(ContainerId);
        await Until.TrueAsync(() => !Directory.Exists(Proc("")), stated: "the container's process is gone");
    }

    public async ValueTask DisposeAsync() => await _engine.RemoveAsync(ContainerId);

    private bool Listens(string table) =>
        File.ReadLines(Proc("net/" + table)).Any(line => line.Contains(":0539 ", StringComparison.Ordinal) && line.Contains(" 0A ", StringComparison.Ordinal));

    private string Proc(string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{ProcessId}/{file}");
}
