using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary>Asks a node's admin endpoint.</summary>
internal sealed class AdminClient : IDisposable
{
    private readonly HttpClient _http;

    private AdminClient(Uri address, string? token)
    {
        // No proxy that the environment names may come between: the token is for the node alone.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = address };
        _http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>A client for the endpoint of the configuration, or for another address; null and an error if there is none.</summary>
    public static (AdminClient? Client, string? Error) Create(AdminSettings? settings, string? url)
    {
        var token = settings is null ? null : AdminToken.Read(settings.TokenFile);
        if (url is not null)
        {
            return Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? (new AdminClient(address, token), null)
                : (null, $"--admin {ConfigurationErrors.Show(url)}: not a URL; allowed: such as http://127.0.0.1:9090");
        }

        if (settings is null or { Port: 0 })
        {
            return (null, "the configuration does not say where the admin endpoint is; name it with --admin URL");
        }

        var host = settings.Listen.Equals(IPAddress.Any) ? IPAddress.Loopback
            : settings.Listen.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : settings.Listen;
        return (new AdminClient(new Uri($"http://{new IPEndPoint(host, settings.Port)}"), token), null);
    }

    /// <summary>Every instance of every node, and the names of the nodes that gave no answer.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public async Task<ClusterAnswer<IReadOnlyList<InstanceView>>> ListAsync(CancellationToken cancellationToken)
    {
        List<string> unanswered = [];
        var views = await SendAsync(HttpMethod.Get, "api/instances", AdminJson.Default.IReadOnlyListInstanceView, cancellationToken, unanswered).ConfigureAwait(false);
        return new ClusterAnswer<IReadOnlyList<InstanceView>>(views, unanswered);
    }

    /// <summary>Every node that the one asked knows.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public Task<IReadOnlyList<NodeView>> ListNodesAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "api/nodes", AdminJson.Default.IReadOnlyListNodeView, cancellationToken);

    /// <summary>Has the node stop in order; it has only begun when this ends.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public Task<AdminDraining> DrainAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, "api/drain", AdminJson.Default.AdminDraining, cancellationToken);

    /// <summary>Stops an instance, to its end.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public Task<AdminStopped> StopAsync(string key, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"api/instances/{key}/stop", AdminJson.Default.AdminStopped, cancellationToken);

    /// <summary>To whom a flag was given.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or says that it was given to nobody.</exception>
    public Task<FlagView> FindFlagAsync(string flag, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"api/flags/{Uri.EscapeDataString(flag)}", AdminJson.Default.FlagView, cancellationToken);

    /// <summary>Adds to an instance's time to live.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public Task<AdminExtended> ExtendAsync(string key, TimeSpan duration, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post, $"api/instances/{key}/extend?duration={DurationText.Format(duration)}", AdminJson.Default.AdminExtended, cancellationToken);

    /// <summary>The bans of the node that is asked.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public Task<IReadOnlyList<BanView>> ListBansAsync(CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, "api/bans", AdminJson.Default.IReadOnlyListBanView, cancellationToken);

    /// <summary>Bans a block from the node that is asked: for a duration or, without one, for good.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or refuses.</exception>
    public Task<BanView> BanAsync(string block, string? duration, string? reason, CancellationToken cancellationToken) => SendAsync(
        HttpMethod.Post,
        $"api/bans?block={Uri.EscapeDataString(block)}{(duration is null ? "" : $"&duration={Uri.EscapeDataString(duration)}")}{(reason is null ? "" : $"&reason={Uri.EscapeDataString(reason)}")}",
        AdminJson.Default.BanView,
        cancellationToken);

    /// <summary>Lifts the ban of a block.</summary>
    /// <exception cref="AdminRequestException">The endpoint does not answer, or there is no such ban.</exception>
    public Task<AdminBanLifted> LiftBanAsync(string block, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, $"api/bans?block={Uri.EscapeDataString(block)}", AdminJson.Default.AdminBanLifted, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken, List<string>? unanswered = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            unanswered?.AddRange(response.Headers.TryGetValues(AdminResponse.UnansweredHeader, out var names) ? names.SelectMany(line => line.Split(", ")) : []);
            var body = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(body, type)!
                : throw new AdminRequestException(JsonSerializer.Deserialize(body, AdminJson.Default.AdminError)!.Error);
        }
        catch (HttpRequestException e)
        {
            throw new AdminRequestException($"the admin endpoint {_http.BaseAddress} does not answer: {e.Message}") { IsUnanswered = true };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new AdminRequestException($"the admin endpoint {_http.BaseAddress} does not answer within {DurationText.Format(_http.Timeout)}") { IsUnanswered = true };
        }
        catch (JsonException)
        {
            throw new AdminRequestException($"what answers at {_http.BaseAddress} is not an admin endpoint");
        }
    }
}

/// <summary>The admin endpoint does not answer, or refuses; the message is one line, for the operator.</summary>
internal sealed class AdminRequestException(string message) : Exception(message)
{
    /// <summary>Whether there was no answer at all.</summary>
    public bool IsUnanswered { get; init; }
}
