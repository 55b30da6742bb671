using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tokens;

/// <summary>Asks the service, a bounded number of questions at once, each within its time.</summary>
internal sealed class HttpAsker : IAsyncDisposable
{
    private readonly HttpAuthenticatorOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _places;
    private readonly FollowedSecret? _bearerFile;
    private volatile string? _bearer;

    /// <param name="options">The service.</param>
    /// <param name="time">The clock of the time-out.</param>
    /// <param name="logger">Hears of the bearer file.</param>
    public HttpAsker(HttpAuthenticatorOptions options, TimeProvider time, ILogger logger)
    {
        (_options, _time) = (options, time);
        _places = new SemaphoreSlim(options.MaxConcurrent);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            MaxConnectionsPerServer = options.MaxConcurrent,
            MaxResponseHeadersLength = HttpAnswer.Longest >> 10,
            MaxResponseDrainSize = 0,
            // A name that has come to mean another address is taken up within this time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _bearerFile = options.BearerFile is { } file ? new FollowedSecret(file, TakeBearer, time, logger) : null;
    }

    /// <summary>Asks. Never faulted but by a bug, and never longer than the time-out.</summary>
    public async Task<HttpOutcome> AskAsync(HttpQuestion question)
    {
        using var late = new CancellationTokenSource(_options.Timeout, _time);
        try
        {
            await _places.WaitAsync(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new HttpOutcome.Crowded();
        }

        try
        {
            return await SendAsync(question, late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new HttpOutcome.Down($"no whole answer within {_options.Timeout}");
        }
        catch (HttpRequestException e)
        {
            // Its message may show what the service sent, and that may be what it was sent.
            return new HttpOutcome.Down($"{e.HttpRequestError}");
        }
        catch (IOException e)
        {
            return new HttpOutcome.Down($"the answer broke off ({e.GetType().Name})");
        }
        finally
        {
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_bearerFile is not null)
        {
            await _bearerFile.DisposeAsync().ConfigureAwait(false);
        }

        _http.Dispose();
    }

    private async Task<HttpOutcome> SendAsync(HttpQuestion question, CancellationToken cancellationToken)
    {
        if (_options.BearerFile is not null && _bearer is null)
        {
            return new HttpOutcome.Down("the bearer file cannot be used");
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, _options.Url);
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(question, HttpJson.Default.HttpQuestion));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Authorization = _bearer is { } bearer ? new AuthenticationHeaderValue("Bearer", bearer) : null;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.OK => await ReadAsync(response.Content, cancellationToken).ConfigureAwait(false),
            HttpStatusCode.Forbidden or HttpStatusCode.NotFound => new HttpOutcome.Refused(),
            >= HttpStatusCode.InternalServerError => new HttpOutcome.Down(Status(response)),
            _ => new HttpOutcome.Unusable(Status(response)),
        };
    }

    private static async Task<HttpOutcome> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = new byte[HttpAnswer.Longest + 1];
        using var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return HttpAnswer.TryParse(body.AsSpan(0, length), out var name) ? new HttpOutcome.Accepted(name)
            : new HttpOutcome.Unusable(length > HttpAnswer.Longest ? $"an answer of more than {HttpAnswer.Longest} bytes" : "an answer without a valid name");
    }

    private static string Status(HttpResponseMessage response) => string.Create(CultureInfo.InvariantCulture, $"status {(int)response.StatusCode}");

    private string? TakeBearer(ReadOnlyMemory<byte> contents)
    {
        var bearer = contents.Span.Trim(" \t\r\n"u8);
        if (bearer.IsEmpty || bearer.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
        {
            return "it does not hold one word of printable ASCII characters";
        }

        _bearer = System.Text.Encoding.ASCII.GetString(bearer);
        return null;
    }
}
