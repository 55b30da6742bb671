using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Instancer.Cluster.Etcd;

/// <summary>Reads the body of a member's answer.</summary>
internal static class EtcdBody
{
    public static async Task<StoreResult<T>> ReadAsync<T>(
        EtcdMember member, HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken limit, CancellationToken cancellationToken)
        where T : class
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            var body = await response.Content.ReadAsByteArrayAsync(linked.Token);
            return JsonSerializer.Deserialize(body, type) is { } value ? value : Unreadable(member, "it is empty");
        }
        catch (JsonException e)
        {
            return Unreadable(member, e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EtcdErrors.Late(member.Endpoint, isSent: true);
        }
        catch (Exception e) when (EtcdMember.IsUnreachable(e))
        {
            return EtcdErrors.Unreachable(member.Endpoint, e, isSent: true);
        }
    }

    private static StoreError Unreadable(EtcdMember member, string why) => new(
        StoreFailure.Unavailable, MayBeDone: true, $"etcd at {member.Endpoint.Text}: its answer cannot be read: {EtcdText.OneLine(why)}");
}
