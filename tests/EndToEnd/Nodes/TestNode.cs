using System.Net;
using System.Text.Json.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Instancer.TestKit.Processes;

namespace Instancer.EndToEnd.Nodes;

/// <summary>A node that runs: the executable as a child process, as clients and operators see it from outside.</summary>
internal sealed class TestNode
{
    private const string Listens = " listens on ";

    // What the admin endpoint shows to whoever may ask.
    private static readonly string[] Pages = ["/metrics", "/api/instances", "/api/nodes", "/api/bans"];

    private readonly HttpClient _http;
    private readonly NodeHome _home;
    private readonly string _adminAddress;

    private TestNode(ChildProcess process, NodeHome home, string adminAddress)
    {
        (Process, _home, _adminAddress) = (process, home, adminAddress);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(adminAddress), Timeout = Until.Deadline };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", home.Secrets.Add(File.ReadAllText(Path.Combine(home.Directory, "var", "admin-token")).Trim()));
    }

    public ChildProcess Process { get; }

    /// <summary>What to give <c>instances --admin</c>.</summary>
    public string AdminAddress => _adminAddress;

    /// <summary>Waits until the node says where it listens.</summary>
    public static async Task<TestNode> AnnouncedAsync(ChildProcess process, NodeHome home)
    {
        var line = await process.LineAsync(text => text.StartsWith("admin endpoint listens on ", StringComparison.Ordinal), "admin endpoint");
        return new TestNode(process, home, line[(line.IndexOf(Listens, StringComparison.Ordinal) + Listens.Length)..]);
    }

    /// <summary>Where a challenge listens; the first one if none is named.</summary>
    public IPEndPoint EndPoint(string? challenge = null)
    {
        var start = challenge is null ? "challenge " : $"challenge {challenge}{Listens}";
        var line = Process.Lines.First(text => text.StartsWith(start, StringComparison.Ordinal));
        return IPEndPoint.Parse(line[(line.IndexOf(Listens, StringComparison.Ordinal) + Listens.Length)..]);
    }

    /// <summary>Connects as a client that has sent nothing yet.</summary>
    public Task<RawSocket> ConnectAsync(string? challenge = null) => RawSocket.ConnectAsync(EndPoint(challenge));

    /// <summary>Connects and sends the preamble.</summary>
    public async Task<RawSocket> ConnectAsync(TestToken token, int identifier = 1, string? challenge = null)
    {
        var client = await ConnectAsync(challenge);
        await client.SendAsync(token.Preamble(identifier));
        return client;
    }

    /// <summary>Connects with the preamble and a line, and reads the answer's line; the session goes on.</summary>
    public async Task<(RawSocket Client, string Answer)> AskAsync(TestToken token, int identifier, string line, string? challenge = null)
    {
        var client = await ConnectAsync(token, identifier, challenge);
        return (client, await client.AskAsync(line));
    }

    /// <summary>As <see cref="AskAsync"/>, and ends the session.</summary>
    public async Task<string> AskOnceAsync(TestToken token, int identifier, string line, string? challenge = null)
    {
        var (client, answer) = await AskAsync(token, identifier, line, challenge);
        client.Dispose();
        return answer;
    }

    /// <summary>What <c>/api/instances</c> lists.</summary>
    public Task<IReadOnlyList<JsonObject>> InstancesAsync() => ListAsync("/api/instances");

    /// <summary>The list at a path of the admin endpoint.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(string path) =>
        [.. ((JsonArray)JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative)))!).Select(node => (JsonObject)node!)];

    /// <summary>The status of a path of the admin endpoint.</summary>
    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    /// <summary>The value of a sample of <c>/metrics</c>; null if it is not there.</summary>
    public async Task<string?> MetricAsync(string sample)
    {
        var text = await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return text.Split('\n').FirstOrDefault(line => line.StartsWith(sample + " ", StringComparison.Ordinal))?[(sample.Length + 1)..];
    }

    /// <summary>Waits until the list of instances is as stated.</summary>
    public Task InstancesAreAsync(Func<IReadOnlyList<JsonObject>, bool> condition, string stated) =>
        Until.TrueAsync(async () => condition(await InstancesAsync()), stated: stated);

    /// <summary>Stops every instance by the operator's command's own way, so that containers do not outlive the test.</summary>
    public async Task StopInstancesAsync()
    {
        foreach (var instance in await InstancesAsync())
        {
            await StopInstanceAsync((string)instance["key"]!);
        }
    }

    /// <summary>Stops one instance; one that is not there is a success.</summary>
    public async Task StopInstanceAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/instances/{key}/stop");
        using var response = await _http.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotFound, await response.Content.ReadAsStringAsync());
    }

    /// <summary>Stops the node in order, after a look at all that its admin endpoint shows.</summary>
    public async Task StopAsync()
    {
        foreach (var page in Pages)
        {
            using var response = await _http.GetAsync(new Uri(page, UriKind.Relative));
            _home.Secrets.MayBeSeen(await response.Content.ReadAsStringAsync());
        }

        await Process.SignalAsync("TERM");
        Assert.Equal(0, await Process.ExitAsync());
        _http.Dispose();
    }
}
