using System.Net;
using System.Net.Http.Headers;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Admin.Metrics;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Flags;
using Instancer.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Admin;

/// <summary>A real endpoint over instances that are not there.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("instancer-admin-");
    private readonly MetricsExporter _exporter;
    private AdminEndpoint? _endpoint;

    private AdminRig()
    {
        _exporter = new MetricsExporter(Meters);
        Bans = BanList.Open(BansFile, () => new BanOptions { Failures = 1, Duration = TimeSpan.FromHours(1) }, Time, NullLogger.Instance);
    }

    public FakeDirectory Instances { get; } = new();

    public FakePeers Peers { get; } = new();

    public FakeNode Node { get; } = new();

    /// <summary>The clock of the bans.</summary>
    public VirtualTime Time { get; } = new();

    public BanList Bans { get; }

    public string BansFile => Path.Combine(_state.FullName, "bans.json");

    public Dictionary<string, FlagRecord> Flags { get; } = [];

    public MeterFactory Meters { get; } = new();

    public bool IsReady { get; set; } = true;

    public string TokenFile => Path.Combine(_state.FullName, "admin-token");

    public string Token => AdminToken.Read(TokenFile)!;

    public Uri Address => new(_endpoint!.Address);

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public static async Task<AdminRig> StartAsync(IPAddress? listen = null)
    {
        var rig = new AdminRig();
        var address = listen ?? IPAddress.Loopback;
        var guard = new AdminGuard(IPAddress.IsLoopback(address), AdminToken.ReadOrMake(rig.TokenFile));
        var logger = NullLogger<AdminApplication>.Instance;
        var instances = new ClusterInstances("node-1", rig.Instances, rig.Peers, TimeProvider.System);
        var application = new AdminApplication(
            new InstanceRequests(instances, logger), new NodeRequests("node-1", rig.Node, rig.Node, logger), new BanRequests(rig.Bans, logger), rig.Flags.GetValueOrDefault, () => rig.IsReady, rig._exporter, guard, logger);
        rig._endpoint = await AdminEndpoint.StartAsync(
            new AdminSettings(address, 0, rig.TokenFile), application, TimeProvider.System, NullLoggerFactory.Instance);
        rig.Http.BaseAddress = new Uri($"http://127.0.0.1:{rig.Address.Port}");
        return rig;
    }

    public InstanceKey Add(string challenge, ushort identifier, InstanceState state = InstanceState.Idle, FakeDirectory? to = null)
    {
        var key = new InstanceKey(challenge, TokenHash.Random(), identifier);
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        (to ?? Instances).Instances.Add(new InstanceInfo
        {
            Key = key,
            Client = "ann",
            State = state,
            Sessions = 2,
            Waiting = 1,
            CreatedAt = start,
            IdleSince = start.AddMinutes(1),
            ExpiresAt = start.AddHours(1),
            Address = new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, 20001)),
            Memory = 64 << 20,
            LastFailure = "once it failed",
        });
        return key;
    }

    public async Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, string? token = null, string? host = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Host = host;
        using var response = await Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Ends the endpoint.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _endpoint, null) is { } endpoint)
        {
            await endpoint.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await StopAsync();
        _exporter.Dispose();
        Meters.Dispose();
        _state.Delete(recursive: true);
    }
}
