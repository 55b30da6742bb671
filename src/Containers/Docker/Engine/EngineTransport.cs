using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Instancer.Containers.Docker.Engine;

/// <summary>The API version spoken with an engine.</summary>
/// <param name="Version">The version.</param>
/// <param name="IsPodman">Whether it is podman that speaks it; see <see cref="PodmanDialect"/>.</param>
internal sealed record NegotiatedVersion(ApiVersion Version, bool IsPodman);

/// <summary>HTTP to the engine: version negotiation, JSON in and out, every failure a value.</summary>
internal sealed class EngineTransport : IDisposable
{
    private readonly EngineEndpoint _endpoint;
    private readonly Lazy<HttpClient> _client;
    private volatile NegotiatedVersion? _version;

    public EngineTransport(EngineEndpoint endpoint)
    {
        _endpoint = endpoint;
        // Not published before it succeeds: certificate files that are missing now may be there at the next call.
        _client = new Lazy<HttpClient>(endpoint.CreateClient, LazyThreadSafetyMode.PublicationOnly);
    }

    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type) => Content(JsonSerializer.SerializeToUtf8Bytes(value, type), "application/json");

    public static HttpContent Tar(byte[] archive) => Content(archive, "application/x-tar");

    public async Task<EngineResult<NegotiatedVersion>> NegotiateAsync(CancellationToken cancellationToken)
    {
        if (_version is { } known)
        {
            return known;
        }

        var (response, error) = await ExchangeAsync(HttpMethod.Get, "_ping", null, HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (response is null)
        {
            return error!;
        }

        using (response)
        {
            var header = response.Headers.TryGetValues("Api-Version", out var values) ? values.FirstOrDefault() : null;
            if (!ApiVersion.TryParse(header, out var offered))
            {
                return new EngineError(response.StatusCode, "what answers there is no Docker engine: its answer to /_ping names no API version");
            }

            if (ApiVersion.Negotiate(offered) is not { } version)
            {
                return new EngineError(response.StatusCode, $"the engine's API {offered} is too old; {ApiVersion.Oldest} (engine 20.10) or newer is needed");
            }

            return _version = new NegotiatedVersion(version, response.Headers.Contains(PodmanDialect.VersionHeader));
        }
    }

    public Task<EngineError?> SendAsync(HttpMethod method, string path, CancellationToken cancellationToken) =>
        SendAsync(method, path, null, cancellationToken);

    public async Task<EngineError?> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var (response, error) = await CallAsync(method, path, content, HttpCompletionOption.ResponseContentRead, cancellationToken);
        response?.Dispose();
        return error;
    }

    public async Task<EngineResult<T>> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var (response, error) = await CallAsync(method, path, content, HttpCompletionOption.ResponseContentRead, cancellationToken);
        if (response is null)
        {
            return error!;
        }

        using (response)
        {
            try
            {
                var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
                return JsonSerializer.Deserialize(bytes, type) is { } value
                    ? value
                    : new EngineError(response.StatusCode, $"the engine's answer to {method} {PathOnly(path)} is empty");
            }
            catch (JsonException e)
            {
                return new EngineError(response.StatusCode, OneLine.Of($"the engine's answer to {method} {PathOnly(path)} cannot be read: {e.Message}"));
            }
        }
    }

    /// <summary>The body of an answer as it comes.</summary>
    public async Task<EngineResult<Stream>> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var (response, error) = await CallAsync(HttpMethod.Get, path, null, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        // Disposing the stream gives the connection back; the response holds nothing else.
        return response is null ? error! : await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static ByteArrayContent Content(byte[] bytes, string type)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }

    private static string PathOnly(string path) => path.Split('?')[0];

    private async Task<(HttpResponseMessage? Response, EngineError? Error)> CallAsync(
        HttpMethod method, string path, HttpContent? content, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var version = await NegotiateAsync(cancellationToken);
        if (!version.Succeeded)
        {
            return (null, version.Error);
        }

        var (response, error) = await ExchangeAsync(method, $"v{version.Value.Version}/{path}", content, completion, cancellationToken);
        if (error?.Status == HttpStatusCode.BadRequest && error.Mentions("client version"))
        {
            // Another engine answers at the same place now; the next call negotiates anew.
            _version = null;
        }

        return (response, error);
    }

    private async Task<(HttpResponseMessage? Response, EngineError? Error)> ExchangeAsync(
        HttpMethod method, string path, HttpContent? content, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            response = await _client.Value.SendAsync(request, completion, cancellationToken);
            // 304: it is already in the state that was asked for.
            if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
            {
                return (response, null);
            }

            var error = await ErrorAsync(response, cancellationToken);
            response.Dispose();
            return (null, error);
        }
        catch (Exception e) when (IsUnreachable(e) && !cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            return (null, new EngineError(null, OneLine.Of($"cannot reach the Docker engine at {_endpoint.Text}: {e.GetBaseException().Message}")));
        }
    }

    // Cancelled, and not by the caller: the client was disposed.
    private static bool IsUnreachable(Exception e) =>
        e is OperationCanceledException or HttpRequestException or IOException or CryptographicException or UnauthorizedAccessException or TimeoutException or ObjectDisposedException;

    private static async Task<EngineError> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        try
        {
            if (JsonSerializer.Deserialize(body, EngineJson.Default.ErrorMessage) is { Message: { Length: > 0 } message } said)
            {
                return new EngineError(PodmanDialect.StatusOf(said.Cause) ?? response.StatusCode, OneLine.Of(message, EngineError.MaxLength));
            }
        }
        catch (JsonException)
        {
            // Not the engine's format, as from a proxy in between: the text itself says the most.
        }

        var text = OneLine.Of(body, EngineError.MaxLength);
        return new EngineError(response.StatusCode, text.Length > 0 ? text : $"the engine answered {(int)response.StatusCode}");
    }
}
