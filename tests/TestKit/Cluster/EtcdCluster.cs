using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Instancer.Cluster.Etcd;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;

namespace Instancer.TestKit.Cluster;

/// <summary>Where the members of an etcd run, if not on this host's loopback.</summary>
/// <param name="Enter">The words in front of etcd's own that make it run there, such as in a network namespace.</param>
/// <param name="Addresses">Each member's address, which can be reached from here.</param>
internal sealed record EtcdHost(IReadOnlyList<string> Enter, IReadOnlyList<IPAddress> Addresses);

/// <summary>Real etcd members of the test's own, on loopback unless told, with directories of their own.</summary>
internal sealed partial class EtcdCluster : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("instancer-etcd-").FullName;
    private readonly string[] _more;
    private readonly HttpClient _http;
    private readonly string _scheme;
    private readonly EtcdHost? _host;
    private readonly PortBlock? _ports;
    private readonly ChildProcess[] _processes;

    private EtcdCluster(int members, HttpMessageHandler? tls, string[] more, EtcdHost? host = null)
    {
        (_more, _host) = (more, host);
        _scheme = tls is null ? "http" : "https";
        _http = new HttpClient(tls ?? new SocketsHttpHandler(), disposeHandler: true) { Timeout = TimeSpan.FromSeconds(2) };
        _ports = host is null ? PortBlock.Take(2 * members) : null;
        _processes = new ChildProcess[members];
    }

    /// <summary>Why no etcd can be started here; null if one can.</summary>
    public static string? Obstacle => DockerDaemon.OnPath("etcd") is null ? "there is no etcd on the PATH" : null;

    /// <summary>The members' URLs.</summary>
    public IReadOnlyList<string> Endpoints => [.. Enumerable.Range(0, _processes.Length).Select(Url)];

    public EtcdOptions Options => new() { Endpoints = Endpoints };

    /// <summary>Starts members, and waits until all of them answer.</summary>
    /// <param name="members">How many.</param>
    /// <param name="tls">How to reach them if <paramref name="more"/> makes them speak TLS.</param>
    /// <param name="more">Options of etcd's.</param>
    public static Task<EtcdCluster> StartAsync(int members = 1, HttpMessageHandler? tls = null, params string[] more) =>
        StartAsync(new EtcdCluster(members, tls, more));

    /// <summary>Starts a member at each of the host's addresses, and waits until all of them answer.</summary>
    public static Task<EtcdCluster> StartAsync(EtcdHost host) => StartAsync(new EtcdCluster(host.Addresses.Count, tls: null, [], host));

    /// <summary>Starts a member without the JSON gateway, and waits until it listens.</summary>
    public static async Task<EtcdCluster> StartWithoutGatewayAsync()
    {
        var cluster = new EtcdCluster(1, tls: null, ["--enable-grpc-gateway=false"]);
        cluster.Run(0);
        await cluster._processes[0].LineAsync("ready to serve client requests");
        return cluster;
    }

    public string Url(int member) => $"{_scheme}://{At(member, 0)}";

    /// <summary>Which member leads.</summary>
    public async Task<int> LeaderAsync()
    {
        var leader = -1;
        await Until.TrueAsync(
            async () =>
            {
                for (leader = 0; leader < _processes.Length; leader++)
                {
                    if (await StatusAsync(leader) is { } status && (string?)status["leader"] is { Length: > 1 } id && id == (string?)status["header"]?["member_id"])
                    {
                        return true;
                    }
                }

                return false;
            },
            stated: "a member leads");
        return leader;
    }

    /// <summary>Ends a member as <c>kill -9</c> does.</summary>
    public Task KillAsync(int member) => _processes[member].KillAsync();

    /// <summary>Ends all members at once.</summary>
    public Task KillAllAsync() => Task.WhenAll(_processes.Select(process => process.KillAsync()));

    /// <summary>Starts every member that ended, on the data that it had.</summary>
    public Task StartAgainAsync() =>
        Task.WhenAll(Enumerable.Range(0, _processes.Length).Where(member => _processes[member].HasExited).ToList().Select(StartAgainAsync));

    /// <summary>Removes every key below a prefix.</summary>
    public async Task WipeAsync(string prefix)
    {
        var end = prefix[..^1] + (char)(prefix[^1] + 1);
        var range = new JsonObject { ["key"] = Encode(prefix), ["range_end"] = Encode(end) };
        using var answer = await _http.PostAsJsonAsync(new Uri($"{Url(0)}/v3/kv/deleterange"), range);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Starts a member that ended, on the data that it had.</summary>
    public async Task StartAgainAsync(int member)
    {
        await _processes[member].DisposeAsync();
        Run(member);
        await AnswersAsync(member);
    }

    /// <summary>After <c>STOP</c> a member accepts connections, by the kernel, and answers nothing until <c>CONT</c>.</summary>
    public Task SignalAsync(int member, string name) => _processes[member].SignalAsync(name);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
        DeleteSaved();
    }

    private static async Task<EtcdCluster> StartAsync(EtcdCluster cluster)
    {
        for (var member = 0; member < cluster._processes.Length; member++)
        {
            cluster.Run(member);
        }

        for (var member = 0; member < cluster._processes.Length; member++)
        {
            await cluster.AnswersAsync(member);
        }

        return cluster;
    }

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private string Peer(int member) => $"http://{At(member, 1)}";

    private IPEndPoint At(int member, int port) =>
        _ports is not null ? new(IPAddress.Loopback, _ports.First + (2 * member) + port) : new(_host!.Addresses[member], 2379 + port);

    private void Run(int member)
    {
        var all = string.Join(',', Enumerable.Range(0, _processes.Length).Select(each => $"m{each}={Peer(each)}"));
        string[] options =
        [
            "--name", $"m{member}", "--data-dir", Path.Combine(_directory, $"m{member}"), "--listen-client-urls", Url(member), "--advertise-client-urls", Url(member),
            "--listen-peer-urls", Peer(member), "--initial-advertise-peer-urls", Peer(member), "--initial-cluster", all, .. _more,
        ];
        string[] words = [.. _host?.Enter ?? [], DockerDaemon.OnPath("etcd") ?? "etcd", .. options];
        _processes[member] = ChildProcess.Start(words[0], words[1..], _directory, []);
    }

    private async Task AnswersAsync(int member) => await Until.TrueAsync(
        async () => _processes[member].HasExited
            ? throw new InvalidOperationException("etcd did not start: " + string.Join('\n', _processes[member].Lines.TakeLast(5)))
            : await StatusAsync(member) is { } status && (string?)status["leader"] is { Length: > 1 },
        stated: $"the member {member} answers and knows who leads");

    private async Task<JsonNode?> StatusAsync(int member)
    {
        try
        {
            using var answer = await _http.PostAsync(new Uri($"{Url(member)}/v3/maintenance/status"), new StringContent("{}"));
            return await answer.Content.ReadFromJsonAsync<JsonNode>();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            // Not yet, or it is stopped.
            return null;
        }
    }
}
