using System.Text.Json.Serialization.Metadata;

namespace Instancer.Cluster.Etcd;

/// <summary>
/// One member after another, until one answers. A request goes to the next one if it certainly was not carried out: it was not sent, or the member said so.
/// One that may have been carried out goes to the next only if carrying it out twice does no harm. The member that answered last is asked first the next time.
/// </summary>
internal sealed class EtcdTransport : IDisposable
{
    private readonly EtcdMember[] _members;
    private readonly EtcdToken _token;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private int _preferred;

    public EtcdTransport(EtcdOptions options, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.Endpoints.Count);
        _members = [.. options.Endpoints.Select(text => new EtcdMember(EtcdEndpoint.Of(text, options)))];
        _token = new EtcdToken(options.User, options.Password);
        (_timeout, _time) = (options.Timeout, time);
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<StoreResult<T>> SendAsync<T>(EtcdRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class =>
        await AskEachAsync(
            request,
            async (member, limit) =>
            {
                var answer = await AskAsync(member, request, limit, cancellationToken);
                if (answer.Response is not { } response)
                {
                    return answer.Error!;
                }

                using (response)
                {
                    return await EtcdBody.ReadAsync(member, response, type, limit.Token, cancellationToken);
                }
            },
            cancellationToken);

    /// <summary>Sends a request whose answer is a stream, and opens it.</summary>
    public Task<StoreResult<EtcdStream>> OpenAsync(EtcdRequest request, CancellationToken cancellationToken) =>
        AskEachAsync<EtcdStream>(
            request,
            async (member, limit) =>
            {
                var answer = await AskAsync(member, request, limit, cancellationToken);
                return answer.Response is { } response
                    ? new EtcdStream(member.Endpoint, response, await response.Content.ReadAsStreamAsync(cancellationToken))
                    : answer.Error!;
            },
            cancellationToken);

    /// <summary>Asks one member only.</summary>
    public async Task<StoreError?> ProbeAsync(EtcdEndpoint endpoint, EtcdRequest request, CancellationToken cancellationToken)
    {
        using var limit = new Limit(_timeout, _timeout, _time);
        var answer = await AskAsync(Array.Find(_members, member => member.Endpoint == endpoint)!, request, limit, cancellationToken);
        answer.Response?.Dispose();
        return answer.Error;
    }

    /// <summary>Has another member asked first than this one, which failed.</summary>
    public void Avoid(EtcdEndpoint endpoint) => Avoid(Array.FindIndex(_members, member => member.Endpoint == endpoint));

    public void Dispose()
    {
        _token.Dispose();
        foreach (var member in _members)
        {
            member.Dispose();
        }
    }

    private void Avoid(int index) => Interlocked.CompareExchange(ref _preferred, (index + 1) % _members.Length, index);

    private async Task<StoreResult<T>> AskEachAsync<T>(EtcdRequest request, Func<EtcdMember, Limit, Task<StoreResult<T>>> ask, CancellationToken cancellationToken)
        where T : class
    {
        var started = _time.GetTimestamp();
        var first = Volatile.Read(ref _preferred);
        List<StoreError> errors = [];
        for (var tried = 0; tried < _members.Length; tried++)
        {
            var left = _timeout - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                break;
            }

            // Each gets its share of what is left, so that one that is silent does not take the others' time; but what was sent
            // and must not be sent again waits to the end.
            var index = (first + tried) % _members.Length;
            var share = left / (_members.Length - tried);
            using var limit = new Limit(share, request.IsRepeatable ? share : left, _time);
            var answer = await ask(_members[index], limit);
            if (answer.Error is not { Failure: StoreFailure.Unavailable or StoreFailure.TimedOut or StoreFailure.Unusable } error)
            {
                Interlocked.Exchange(ref _preferred, index);
                return answer;
            }

            cancellationToken.ThrowIfCancellationRequested();
            Avoid(index);
            errors.Add(error);
            if (error.MayBeDone && !request.IsRepeatable)
            {
                break;
            }
        }

        // One that is tried next time may be better than all that were tried now.
        return errors is [var only] && _members.Length == 1 ? only : new StoreError(
            errors.TrueForAll(error => error.Failure == StoreFailure.TimedOut) ? StoreFailure.TimedOut
                : errors.Count == _members.Length && errors.TrueForAll(error => error.Failure == StoreFailure.Unusable) ? StoreFailure.Unusable
                : StoreFailure.Unavailable,
            errors.Exists(error => error.MayBeDone),
            string.Join("; ", errors.Select(error => error.Message)));
    }

    private async Task<MemberAnswer> AskAsync(EtcdMember member, EtcdRequest request, Limit limit, CancellationToken cancellationToken)
    {
        if (await member.CheckAsync(limit.Token, cancellationToken) is { } unusable)
        {
            return unusable;
        }

        string? stale = null;
        while (true)
        {
            var token = await _token.GetAsync(member, stale, limit.Token, cancellationToken);
            if (!token.Succeeded)
            {
                return token.Error;
            }

            var sent = token.Value.Length > 0 ? token.Value : null;
            var answer = await member.SendAsync(request, sent, limit.Sent, limit.Token, cancellationToken);
            if (!answer.IsTokenStale || sent is null || stale is not null)
            {
                return answer;
            }

            stale = sent;
        }
    }
}
