namespace Instancer.Cluster.Etcd;

/// <summary>
/// The token that stands for user and password. It is asked for once, and again when a member does not know it any more: by default etcd forgets one that
/// was not used for five minutes, and all of them when it is started again.
/// </summary>
internal sealed class EtcdToken(string? user, string? password) : IDisposable
{
    // Checking a password costs etcd a tenth of a second: calls that find the token stale at the same time share one new token.
    private readonly SemaphoreSlim _turn = new(1);
    private volatile string? _token;

    /// <summary>The token; its value is empty where none is needed.</summary>
    /// <param name="member">Whom to ask if there is none.</param>
    /// <param name="stale">A token that was not accepted; null at first.</param>
    /// <param name="limit">When to give up because it takes too long.</param>
    /// <param name="cancellationToken">Gives it up because nobody wants to know.</param>
    public async Task<StoreResult<string>> GetAsync(EtcdMember member, string? stale, CancellationToken limit, CancellationToken cancellationToken)
    {
        if (user is null)
        {
            return "";
        }

        if (_token is { } known && known != stale)
        {
            return known;
        }

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit, cancellationToken);
        try
        {
            await _turn.WaitAsync(linked.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return EtcdErrors.Late(member.Endpoint, isSent: false);
        }

        try
        {
            if (_token is { } renewed && renewed != stale)
            {
                return renewed;
            }

            var answer = await AskAsync(member, limit, cancellationToken);
            if (answer.Succeeded)
            {
                _token = answer.Value;
            }

            return answer;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<StoreResult<string>> AskAsync(EtcdMember member, CancellationToken limit, CancellationToken cancellationToken)
    {
        var request = EtcdRequest.Of(
            "v3/auth/authenticate", new AuthenticateRequest(user!, password ?? ""), EtcdJson.Default.AuthenticateRequest, isRepeatable: true);
        var answer = await member.SendAsync(request, token: null, () => { }, limit, cancellationToken);
        if (answer.Response is not { } response)
        {
            // Where nobody needs a password, one does no harm.
            return answer.Error!.Message.Contains("authentication is not enabled", StringComparison.Ordinal) ? "" : answer.Error with { MayBeDone = false };
        }

        using (response)
        {
            var read = await EtcdBody.ReadAsync(member, response, EtcdJson.Default.AuthenticateAnswer, limit, cancellationToken);
            return read.Value is { } token ? token.Token ?? "" : read.Error! with { MayBeDone = false };
        }
    }
}
