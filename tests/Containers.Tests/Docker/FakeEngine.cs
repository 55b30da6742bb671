using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Tests.Docker;

/// <summary>
/// An engine that does at the test's word what a real one does seldom: another version, an answer that takes for ever, a stream of
/// events that breaks. Containers are entries in a table.
/// </summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeEngine(WebApplication app, string host)
    {
        _app = app;
        Host = host;
    }

    public string Host { get; private set; }

    public string ApiVersion { get; set; } = "1.41";

    /// <summary>A creation waits for it before it does anything.</summary>
    public Task CreateMayGoOn { get; set; } = Task.CompletedTask;

    /// <summary>A listing of volumes waits for it, and fails if it says no.</summary>
    public Task<bool> VolumesMayBeListed { get; set; } = Task.FromResult(true);

    /// <summary>Called with a listing's filters between what it shows, which is all containers, and its answer.</summary>
    public Action<string> Listed { get; set; } = _ => { };

    /// <summary>Whether a request, as in <see cref="Requests"/>, is answered with a 500.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    /// <summary>What that answer says.</summary>
    public string Refusal { get; set; } = "refused";

    /// <summary>The networks, where a test is about them; null where any name is one.</summary>
    public FakeNetworks? Networks { get; set; }

    /// <summary>The id of each image there is.</summary>
    public string ImageId { get; set; } = "sha256:1";

    public ConcurrentDictionary<string, JsonObject> Containers { get; } = [];

    /// <summary>What an inspection shows, by id.</summary>
    public ConcurrentDictionary<string, JsonObject> Inspections { get; } = [];

    /// <summary>The address that each container has on each network, by id.</summary>
    public ConcurrentDictionary<string, string> Members { get; } = [];

    /// <summary>Why there is no network but the bridge, and none can be made; null if there are.</summary>
    public string? NetworkRefusal { get; set; }

    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>How many streams of events are open.</summary>
    public int EventStreams => _streams.Count;

    private readonly ConcurrentDictionary<HttpContext, bool> _streams = [];

    /// <summary>At a unix socket of its own.</summary>
    public static Task<FakeEngine> StartAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"fake-engine-{Guid.NewGuid():N}.sock");
        return StartAsync(kestrel => kestrel.ListenUnixSocket(path), "unix://" + path);
    }

    /// <summary>At a port of its own, over TLS, for clients with a certificate.</summary>
    public static async Task<FakeEngine> StartTlsAsync(X509Certificate2 certificate)
    {
        void Https(ListenOptions listen) => listen.UseHttps(certificate, https =>
        {
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.AllowAnyClientCertificate();
        });
        var engine = await StartAsync(kestrel => kestrel.Listen(IPAddress.Loopback, 0, Https), "");
        engine.Host = "tcp://127.0.0.1:" + new Uri(engine._app.Urls.Single()).Port;
        return engine;
    }

    private static async Task<FakeEngine> StartAsync(Action<KestrelServerOptions> listen, string host)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(listen);
        var engine = new FakeEngine(builder.Build(), host);
        engine._app.Run(engine.AnswerAsync);
        await engine._app.StartAsync();
        return engine;
    }

    /// <summary>Breaks every stream of events.</summary>
    public void BreakEventStreams()
    {
        foreach (var stream in _streams.Keys)
        {
            stream.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        BreakEventStreams();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        Requests.Enqueue($"{context.Request.Method} {path}");
        if (path == "/_ping")
        {
            context.Response.Headers["Api-Version"] = ApiVersion;
            await context.Response.WriteAsync("OK");
            return;
        }

        var resource = path.Split('/', 3)[2];
        var answer = (context.Request.Method, resource.Split('/')) switch
        {
            _ when Refuses($"{context.Request.Method} {path}") => AnswerAsync(context, 500, Refusal),
            ("GET", ["version"]) => JsonAsync(context, new JsonObject { ["Version"] = "fake" }),
            ("GET", ["events"]) => EventsAsync(context),
            (_, ["networks", ..] its) when Networks is { } networks => AnswerAsync(context, networks, its),
            ("GET", ["networks", var name]) when NetworkRefusal is not null && name.Contains("-slot-", StringComparison.Ordinal) => AnswerAsync(context, 404),
            ("POST", ["networks", "create"]) when NetworkRefusal is { } refusal => AnswerAsync(context, 500, refusal),
            ("GET", ["containers", var id, "json"]) when Inspections.TryGetValue(id, out var inspection) => JsonAsync(context, inspection.DeepClone()),
            ("GET", ["networks", ..]) => JsonAsync(context, NetworkOf(context)),
            ("GET", ["images", ..]) => JsonAsync(context, new JsonObject { ["Id"] = ImageId, ["Config"] = new JsonObject() }),
            ("POST", ["containers", "create"]) => CreateAsync(context),
            ("GET", ["volumes"]) => await VolumesMayBeListed ? JsonAsync(context, new JsonObject { ["Volumes"] = new JsonArray() }) : AnswerAsync(context, 500),
            ("GET", ["containers", "json"]) => ListAsync(context),
            ("POST", ["containers", _, "start"]) => AnswerAsync(context, 204),
            ("DELETE", ["containers", var id]) => AnswerAsync(context, Containers.TryRemove(id, out _) ? 204 : 404),
            _ => AnswerAsync(context, 404),
        };
        await answer;
    }

    private static async Task AnswerAsync(HttpContext context, FakeNetworks networks, string[] path)
    {
        var (status, body) = await networks.AnswerAsync(context.Request, path);
        context.Response.StatusCode = status;
        await (status == 204 ? Task.CompletedTask : JsonAsync(context, body));
    }

    private JsonObject NetworkOf(HttpContext context)
    {
        var name = context.Request.Path.Value!.Split('/')[^1];
        var node = name["instancer-".Length..].Split("-slot-")[0];
        var members = new JsonObject(Members.Select(member => KeyValuePair.Create<string, JsonNode?>(member.Key, new JsonObject { ["IPv4Address"] = member.Value })));
        return new JsonObject { ["Id"] = "net", ["Name"] = name, ["Internal"] = true, ["Labels"] = new JsonObject { ["instancer.node"] = node }, [nameof(Containers)] = members };
    }

    private async Task CreateAsync(HttpContext context)
    {
        // Read at once: the client may be gone by the time the creation goes on.
        var body = JsonNode.Parse(await new StreamReader(context.Request.Body).ReadToEndAsync())!;
        await CreateMayGoOn;
        var id = Guid.NewGuid().ToString("N");
        Containers[id] = new JsonObject { ["Id"] = id, ["State"] = "created", ["Labels"] = body["Labels"]!.DeepClone() };
        Inspections[id] = new JsonObject
        {
            ["Id"] = id, ["Image"] = ImageId, ["State"] = new JsonObject { ["Running"] = true }, ["Config"] = new JsonObject { ["Labels"] = body["Labels"]!.DeepClone() },
        };
        await JsonAsync(context, new JsonObject { ["Id"] = id });
    }

    private Task ListAsync(HttpContext context)
    {
        var listed = new JsonArray([.. Containers.Values.Select(container => container.DeepClone())]);
        Listed(context.Request.Query["filters"].ToString());
        return JsonAsync(context, listed);
    }

    private async Task EventsAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync();
        _streams[context] = true;
        var broken = new TaskCompletionSource();
        await using var registration = context.RequestAborted.Register(broken.SetResult);
        await broken.Task;
        _streams.TryRemove(context, out _);
    }

    private static Task JsonAsync(HttpContext context, JsonNode body)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString());
    }

    private static Task AnswerAsync(HttpContext context, int status, string message = "no such thing")
    {
        context.Response.StatusCode = status;

        // A 204 has no body, and the server takes even an empty one for a fault and closes the connection, which the client may be using again.
        return status == 204 ? Task.CompletedTask : JsonAsync(context, new JsonObject { ["message"] = message });
    }
}
