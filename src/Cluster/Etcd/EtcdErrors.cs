using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Instancer.Cluster.Etcd;

/// <summary>What etcd's answers mean that are none, and what it means that there is no answer.</summary>
internal static class EtcdErrors
{
    // gRPC's codes.
    private const int Cancelled = 1;
    private const int Unknown = 2;
    private const int NotFound = 5;
    private const int Exhausted = 8;
    private const int Unavailable = 14;

    /// <summary>An answer with an error in it.</summary>
    public static StoreError Of(EtcdEndpoint endpoint, HttpStatusCode status, string body)
    {
        var (code, message) = Parse(body);
        if (message is null)
        {
            return status == HttpStatusCode.NotFound
                ? Unusable(endpoint, "its JSON gateway is off (--enable-grpc-gateway)")
                : new StoreError(StoreFailure.Unavailable, MayBeDone: true, $"{Place(endpoint)}: it answered {(int)status}: {EtcdText.OneLine(body)}");
        }

        return Of(endpoint, code, message);
    }

    /// <summary>An error in a stream.</summary>
    public static StoreError Of(EtcdEndpoint endpoint, JsonElement error)
    {
        var (code, message) = ParseStreamed(error);
        return Of(endpoint, code, message ?? "it ended the stream with an error");
    }

    /// <summary>There can be no answer from there, and nothing was carried out.</summary>
    public static StoreError Unusable(EtcdEndpoint endpoint, string reason) =>
        new(StoreFailure.Unusable, MayBeDone: false, $"{Place(endpoint)}: {reason}");

    /// <summary>The connection could not be made, or broke.</summary>
    public static StoreError Unreachable(EtcdEndpoint endpoint, Exception e, bool isSent)
    {
        var cause = e.GetBaseException();
        var reason = cause.Message;
        var isTls = endpoint.Url?.Scheme == "https";
        var ended = e is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse };
        if (e is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
            || (isTls && cause is not (SocketException or IOException or HttpRequestException or ObjectDisposedException)))
        {
            reason = "TLS fails: " + reason;
        }
        else if (isTls && (ended || cause is SocketException { SocketErrorCode: SocketError.ConnectionReset }))
        {
            // It may have been told why, and have lost that with the connection.
            reason += " (does it accept this node's certificate?)";
        }
        else if (ended)
        {
            reason += " (does it want https?)";
        }

        return new StoreError(StoreFailure.Unavailable, isSent, $"{Place(endpoint)}: {EtcdText.OneLine(reason)}");
    }

    public static StoreError Late(EtcdEndpoint endpoint, bool isSent) =>
        new(StoreFailure.TimedOut, isSent, $"{Place(endpoint)}: no answer in time");

    /// <summary>The token that was sent is not known, or not any more.</summary>
    public static bool IsStaleToken(string body) =>
        body.Contains("invalid auth token", StringComparison.Ordinal) || body.Contains("revision of auth store is old", StringComparison.Ordinal);

    private static StoreError Of(EtcdEndpoint endpoint, int code, string message)
    {
        var said = $"{Place(endpoint)}: {EtcdText.OneLine(message)}";
        bool Says(string text) => message.Contains(text, StringComparison.Ordinal);
        if (Says("timed out") || Says("deadline exceeded"))
        {
            // It went to the leader, who may have it, or is still with a member that will pass it on.
            return new StoreError(StoreFailure.TimedOut, MayBeDone: true, said);
        }

        // Too many requests, or no space left: that passes, or somebody sees to it.
        if (Says("no leader") || code == Exhausted)
        {
            return new StoreError(StoreFailure.Unavailable, MayBeDone: false, said);
        }

        if (code == NotFound && Says("lease not found"))
        {
            return new StoreError(StoreFailure.LeaseGone, MayBeDone: false, said);
        }

        if (Says("user name is empty"))
        {
            return new StoreError(StoreFailure.Refused, MayBeDone: false, said + " (it wants a user and a password)");
        }

        return code is Cancelled or Unknown or Unavailable || Says("server stopped") || Says("leader changed")
            ? new StoreError(StoreFailure.Unavailable, MayBeDone: true, said)
            : new StoreError(StoreFailure.Refused, MayBeDone: false, said);
    }

    private static string Place(EtcdEndpoint endpoint) => $"etcd at {endpoint.Text}";

    private static (int Code, string? Message) Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return (0, null);
            }

            return root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? ParseStreamed(error) : (Number(root, "code"), Text(root, "message"));
        }
        catch (JsonException)
        {
            // Not etcd's format; the caller says what was there instead.
            return (0, null);
        }
    }

    private static (int Code, string? Message) ParseStreamed(JsonElement error) =>
        (Math.Max(Number(error, "grpc_code"), Number(error, "code")), Text(error, "message"));

    private static int Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32() : 0;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
