using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Instancer.TestKit.Docker;

/// <summary>The engine's API as a test sees it from outside, independent of the code under test: JSON in, JSON out.</summary>
public sealed class EngineApi : IDisposable
{
    private readonly HttpClient _http;

    public EngineApi(string host)
    {
        Host = host;
        var handler = new SocketsHttpHandler { UseProxy = false };
        var address = host;
        if (host.StartsWith("unix://", StringComparison.Ordinal))
        {
            address = "http://engine";
            handler.ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(host["unix://".Length..]), token);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(address.Replace("tcp://", "http://", StringComparison.Ordinal).TrimEnd('/') + "/v1.41/"),
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    /// <summary>The engine's address as DOCKER_HOST takes it.</summary>
    public string Host { get; }

    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("/_ping", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Sends a request; null for an answer without a body. Fails the test if the engine refuses, but for 404 on request.</summary>
    public async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonNode? body = null, bool absentIsFine = false)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await SendAsync(method, path, content, absentIsFine);
    }

    /// <summary>Makes an image of a root file system, with what a Dockerfile would say of it.</summary>
    public async Task ImportAsync(Stream tar, string repository, params string[] instructions)
    {
        using var content = new StreamContent(tar);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        var changes = string.Concat(instructions.Select(instruction => "&changes=" + Uri.EscapeDataString(instruction)));
        var text = await SendTextAsync(HttpMethod.Post, $"images/create?fromSrc=-&repo={Uri.EscapeDataString(repository)}&tag=latest{changes}", content, false);
        if (text?.Contains("\"error\"", StringComparison.Ordinal) == true)
        {
            throw new InvalidOperationException($"The engine could not import {repository}: {text}");
        }
    }

    /// <summary>Builds the Dockerfile in a directory, with an argument in place of its public base image.</summary>
    public async Task BuildAsync(string directory, string image, string baseImage)
    {
        using var tar = new MemoryStream();
        await System.Formats.Tar.TarFile.CreateFromDirectoryAsync(directory, tar, includeBaseDirectory: false);
        tar.Position = 0;
        using var content = new StreamContent(tar);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        var arguments = Uri.EscapeDataString(new JsonObject { ["BASE"] = baseImage }.ToJsonString());
        var text = await SendTextAsync(HttpMethod.Post, $"build?t={Uri.EscapeDataString(image)}&buildargs={arguments}&networkmode=none", content, false);
        if (text?.Contains("\"error\"", StringComparison.Ordinal) == true)
        {
            throw new InvalidOperationException($"The engine could not build {directory}: {text}");
        }
    }

    /// <summary>
    /// Makes a network. Podman looks at all of the machine's interfaces one after the other for that, and fails if one has gone meanwhile: it is asked
    /// again then, a hundred times at most.
    /// </summary>
    public async Task CreateNetworkAsync(JsonNode network)
    {
        for (var left = 100; ; left--)
        {
            try
            {
                await SendAsync(HttpMethod.Post, "networks/create", network);
                return;
            }
            catch (InvalidOperationException e) when (left > 1 && e.Message.Contains("no such network interface", StringComparison.Ordinal))
            {
                // Another test's network has just gone.
            }
        }
    }

    /// <summary>Every container, running or not, with the label.</summary>
    public async Task<JsonArray> ContainersAsync(string label)
    {
        var filters = Uri.EscapeDataString(new JsonObject { ["label"] = new JsonArray(label) }.ToJsonString());
        return (JsonArray)(await SendAsync(HttpMethod.Get, $"containers/json?all=true&filters={filters}"))!;
    }

    public async Task<JsonNode?> InspectAsync(string container) =>
        await SendAsync(HttpMethod.Get, $"containers/{container}/json", absentIsFine: true);

    /// <summary>Runs a command in a container, to its end.</summary>
    public async Task RunAsync(string container, params string[] command)
    {
        var words = new JsonArray([.. command.Select(word => (JsonNode)word)]);
        var body = new JsonObject { ["Cmd"] = words, ["AttachStdout"] = true };
        var id = (string)(await SendAsync(HttpMethod.Post, $"containers/{container}/exec", body))!["Id"]!;
        using var start = new StringContent("{}", Encoding.UTF8, "application/json");
        // The answer is what it says, and ends with it.
        await SendTextAsync(HttpMethod.Post, $"exec/{id}/start", start, absentIsFine: false);
        var state = (await SendAsync(HttpMethod.Get, $"exec/{id}/json"))!;
        if ((int)state["ExitCode"]! != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {state["ExitCode"]}.");
        }
    }

    public Task KillAsync(string container, string signal = "KILL") => SendAsync(HttpMethod.Post, $"containers/{container}/kill?signal={signal}");

    public Task RemoveAsync(string container) =>
        SendAsync(HttpMethod.Delete, $"containers/{container}?force=true&v=true", absentIsFine: true);

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, HttpContent? content, bool absentIsFine)
    {
        var text = await SendTextAsync(method, path, content, absentIsFine);
        return string.IsNullOrWhiteSpace(text) ? null : JsonNode.Parse(text);
    }

    private async Task<string?> SendTextAsync(HttpMethod method, string path, HttpContent? content, bool absentIsFine)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (response.StatusCode == HttpStatusCode.NotFound && absentIsFine)
        {
            return null;
        }

        return response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified
            ? text
            : throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {text}");
    }
}
