using System.Text.Json;

namespace Instancer.Cluster.Etcd;

/// <summary>What a member answered: a response whose body has not been read, or why there is none.</summary>
internal readonly record struct MemberAnswer(HttpResponseMessage? Response, StoreError? Error, bool IsTokenStale)
{
    public static implicit operator MemberAnswer(StoreError error) => new(null, error, IsTokenStale: false);
}

/// <summary>HTTP to one member: whether it is an etcd, and one request to it; every failure a value.</summary>
internal sealed class EtcdMember(EtcdEndpoint endpoint) : IDisposable
{
    private const string OldestVersion = "3.4";

    // The member ends a stream of its own accord once it has no leader, as when it is cut off from the majority.
    private const string NeedsLeader = "Grpc-Metadata-hasleader";

    public EtcdEndpoint Endpoint => endpoint;

    /// <summary>Whether an etcd that can be used answers there; asked until one did.</summary>
    /// <param name="limit">When to give up because it takes too long.</param>
    /// <param name="cancellationToken">Gives it up because nobody wants to know.</param>
    public async Task<StoreError?> CheckAsync(CancellationToken limit, CancellationToken cancellationToken)
    {
        if (endpoint.IsKnown)
        {
            return null;
        }

        if (endpoint.Url is null)
        {
            return EtcdErrors.Unusable(endpoint, "that is no URL such as http://HOST:2379");
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            using var response = await endpoint.Client.GetAsync("version", linked.Token);
            var body = await response.Content.ReadAsStringAsync(linked.Token);
            // What stands before it and cannot reach it now is no answer of its own.
            var error = (int)response.StatusCode >= 500 ? EtcdErrors.Of(endpoint, response.StatusCode, body) with { MayBeDone = false } : Judge(body);
            endpoint.IsKnown = error is null;
            return error;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EtcdErrors.Late(endpoint, isSent: false);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            return EtcdErrors.Unreachable(endpoint, e, isSent: false);
        }
    }

    /// <summary>Sends a request.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="token">The token to authenticate with; null for none.</param>
    /// <param name="sending">Called when it begins to be sent.</param>
    /// <param name="limit">When to give up because it takes too long.</param>
    /// <param name="cancellationToken">Gives it up because nobody wants to know.</param>
    public async Task<MemberAnswer> SendAsync(EtcdRequest request, string? token, Action sending, CancellationToken limit, CancellationToken cancellationToken)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        using var body = new TrackedBody(request.Body, sending);
        HttpResponseMessage? response = null;
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, request.Path) { Content = body };
            message.Headers.TryAddWithoutValidation(NeedsLeader, "true");
            if (token is not null)
            {
                message.Headers.TryAddWithoutValidation("Authorization", token);
            }

            response = await endpoint.Client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            if (response.IsSuccessStatusCode)
            {
                return new MemberAnswer(response, null, IsTokenStale: false);
            }

            var text = await response.Content.ReadAsStringAsync(linked.Token);
            var error = EtcdErrors.Of(endpoint, response.StatusCode, text);
            response.Dispose();
            return new MemberAnswer(null, error, EtcdErrors.IsStaleToken(text));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            return EtcdErrors.Late(endpoint, body.IsSent);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            response?.Dispose();
            return EtcdErrors.Unreachable(endpoint, e, body.IsSent);
        }
    }

    /// <summary>Whether an exception tells of the connection, not of a bug.</summary>
    public static bool IsUnreachable(Exception e) =>
        e is HttpRequestException or IOException or UnauthorizedAccessException or ObjectDisposedException;

    public void Dispose() => endpoint.Dispose();

    private StoreError? Judge(string body)
    {
        string? version;
        try
        {
            version = JsonSerializer.Deserialize(body, EtcdJson.Default.VersionAnswer)?.Server;
        }
        catch (JsonException)
        {
            version = null;
        }

        return !Version.TryParse(version?.Split('-')[0], out var number) ? EtcdErrors.Unusable(endpoint, "what answers there is no etcd")
            : number < Version.Parse(OldestVersion) ? EtcdErrors.Unusable(endpoint, $"its version, {EtcdText.OneLine(version!)}, is too old; {OldestVersion} or newer is needed")
            : null;
    }
}
