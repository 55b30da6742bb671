using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Flags;

/// <summary>
/// A runtime whose starts get flags: a new one each, noted before the backend can have it. A backend that is adopted keeps the one that it
/// was started with, which was noted then.
/// </summary>
/// <param name="runtime">What starts.</param>
/// <param name="ledger">Where it is noted.</param>
/// <param name="secret">The key of <c>{hmac}</c>.</param>
/// <param name="time">The clock of the notes.</param>
internal sealed class FlaggingRuntime(IInstanceRuntime runtime, FlagLedger ledger, byte[] secret, TimeProvider time) : IInstanceRuntime
{
    private const string Characters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int HmacLength = 32;

    private readonly ConcurrentDictionary<InstanceKey, string> _spares = [];

    /// <inheritdoc/>
    public string Name => runtime.Name;

    /// <inheritdoc/>
    public bool SurvivesRestart => runtime.SurvivesRestart;

    /// <inheritdoc/>
    public bool NeedsPort(InstanceTemplate template) => runtime.NeedsPort(template);

    /// <inheritdoc/>
    public async Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        if (request.Template.Flag is not { } template)
        {
            return await runtime.StartAsync(request, cancellationToken);
        }

        var flag = template.Fill(request.Client ?? "", Hmac(request.Key), length => RandomNumberGenerator.GetString(Characters, length));
        if (await NoteAsync(flag, request.Key, request.Client, cancellationToken) is { } failure)
        {
            return new StartOutcome.Failed(StartFailure.Unavailable, failure);
        }

        if (request.IsSpare)
        {
            // Noted as its stand-in's, and once more when it is known whose it is: that is while its client is served already.
            _spares[request.Key] = flag;
        }

        return await runtime.StartAsync(request with { Flag = flag }, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        if (request.Template.Flag is null)
        {
            return await runtime.TakeAsync(request, cancellationToken);
        }

        return !_spares.TryRemove(request.SpareKey, out var flag) ? new TakeOutcome.Failed("its flag is not known")
            : await NoteAsync(flag, request.Key, request.Client, cancellationToken) is { } failure ? new TakeOutcome.Failed(failure)
            : await runtime.TakeAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        _spares.TryRemove(key, out _);
        return runtime.StopAsync(key, backendId, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<ListOutcome> ListAsync(CancellationToken cancellationToken) => runtime.ListAsync(cancellationToken);

    // Null, or why not. Elsewhere than on the caller's thread: it takes as long as the disk takes to have it for certain.
    private async Task<string?> NoteAsync(string flag, InstanceKey key, string? client, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => ledger.Add(flag, new FlagRecord(key, client, time.GetUtcNow())), CancellationToken.None).WaitAsync(cancellationToken);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return "the disk had not noted the flag in time";
        }
        catch (IOException e)
        {
            return $"the flag cannot be noted: {e.Message}";
        }
    }

    // The start of an HMAC-SHA-256 of the key: RFC 2104, cut as its section 5 allows.
    private string Hmac(InstanceKey key) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(key.ToString())))[..HmacLength];
}
