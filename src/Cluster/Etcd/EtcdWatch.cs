using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Instancer.Cluster.Etcd;

/// <summary>
/// A watch at one member. The member ends it when it loses its leader. A member that is stopped, or a host that is gone, ends nothing: when the watch was
/// silent for as long as a call may take, the same member has to answer a linearizable read, which it can only as part of the majority. So a watch that
/// is dead ends within about two time-outs.
/// </summary>
internal sealed class EtcdWatch(EtcdTransport transport, string prefix, TimeSpan silence, TimeProvider time)
{
    private readonly (byte[] First, byte[]? End) _ends = EtcdText.Ends(KeyRange.Below(prefix));

    public async IAsyncEnumerable<WatchMessage> ReadAsync(long fromRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A revision's changes come in one line, however many they are: nobody asks for fragments.
        var create = new WatchRequest(new WatchCreate(_ends.First, _ends.End, fromRevision, ProgressNotify: true));
        var request = EtcdRequest.Of("v3/watch", create, EtcdJson.Default.WatchRequest, isRepeatable: true);
        var opened = await transport.OpenAsync(request, cancellationToken);
        if (!opened.Succeeded)
        {
            yield return new WatchMessage.Lost(opened.Error.Message);
            yield break;
        }

        using var stream = opened.Value;
        while (true)
        {
            if (await NextAsync(stream, cancellationToken) is { } message)
            {
                yield return message;
                if (message is not WatchMessage.Batch)
                {
                    yield break;
                }
            }
        }
    }

    // Null for a line that says nothing to the caller.
    private async Task<WatchMessage?> NextAsync(EtcdStream stream, CancellationToken cancellationToken)
    {
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var line = stream.ReadLineAsync(reading.Token);
        try
        {
            while (!await EndsAsync(line, cancellationToken))
            {
                if (await ProbeAsync(stream, cancellationToken) is { } error)
                {
                    transport.Avoid(stream.Endpoint);
                    return new WatchMessage.Lost(error.Message);
                }
            }

            return await line is { } text ? Read(stream, text) : new WatchMessage.Lost($"etcd at {stream.Endpoint.Text}: it ended the watch");
        }
        catch (Exception e) when (EtcdMember.IsUnreachable(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            transport.Avoid(stream.Endpoint);
            return new WatchMessage.Lost(EtcdErrors.Unreachable(stream.Endpoint, e, isSent: true).Message);
        }
        finally
        {
            await reading.CancelAsync();
            await ((Task)line).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Whether it ends before the silence is too long.
    private async Task<bool> EndsAsync(Task<string?> line, CancellationToken cancellationToken)
    {
        await ((Task)line).WaitAsync(silence, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return line.IsCompleted;
    }

    private WatchMessage? Read(EtcdStream stream, string line)
    {
        Streamed<WatchReply>? streamed;
        try
        {
            streamed = JsonSerializer.Deserialize(line, EtcdJson.Default.StreamedWatchReply);
        }
        catch (JsonException e)
        {
            return new WatchMessage.Lost($"etcd at {stream.Endpoint.Text}: what it tells cannot be read: {EtcdText.OneLine(e.Message)}");
        }

        if (streamed?.Error is { } error)
        {
            transport.Avoid(stream.Endpoint);
            return new WatchMessage.Lost(EtcdErrors.Of(stream.Endpoint, error).Message);
        }

        if (streamed?.Result is not { } reply)
        {
            return null;
        }

        if (reply.Canceled)
        {
            return reply.CompactRevision > 0
                ? new WatchMessage.Compacted(reply.CompactRevision)
                : new WatchMessage.Lost($"etcd at {stream.Endpoint.Text}: {EtcdText.OneLine(reply.CancelReason ?? "it ended the watch")}");
        }

        if (reply.Events is { Count: > 0 } events)
        {
            // The header's revision may be ahead of what has been told.
            var changes = events.Select(EtcdTranslation.Of).ToList();
            return new WatchMessage.Batch(changes[^1].ModRevision, changes);
        }

        // What a watch is created at says nothing of what it has told.
        return reply.Created ? null : new WatchMessage.Batch(reply.Header?.Revision ?? 0, []);
    }

    private Task<StoreError?> ProbeAsync(EtcdStream stream, CancellationToken cancellationToken)
    {
        var read = new RangeRequest(_ends.First, _ends.End) { Limit = 1, KeysOnly = true };
        return transport.ProbeAsync(stream.Endpoint, EtcdRequest.Of("v3/kv/range", read, EtcdJson.Default.RangeRequest, isRepeatable: true), cancellationToken);
    }
}
