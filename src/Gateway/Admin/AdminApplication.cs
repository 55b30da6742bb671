using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;
using Instancer.Gateway.Admin.Metrics;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Flags;
using Instancer.Gateway.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Admin;

/// <summary>What the admin endpoint answers.</summary>
internal sealed class AdminApplication(
    IInstanceDirectory instances,
    Func<string, FlagRecord?> findFlag,
    Func<bool> isReady,
    MetricsExporter metrics,
    AdminGuard guard,
    ILogger<AdminApplication> logger)
    : IHttpApplication<HttpContext>
{
    private const string Text = MediaTypeNames.Text.Plain + "; charset=utf-8";

    /// <inheritdoc/>
    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    /// <inheritdoc/>
    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    /// <inheritdoc/>
    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            if (guard.Refuse(context.Request) is var (status, reason))
            {
                context.Response.Headers.WWWAuthenticate = status == StatusCodes.Status401Unauthorized ? "Bearer" : default;
                await RefuseAsync(context, status, reason).ConfigureAwait(false);
                return;
            }

            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (AskFailedException e)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            LogMessages.AdminRequestFailed(logger, e);
            throw;
        }
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var method = path is ["api", "instances", _, _, _, _] ? HttpMethods.Post : HttpMethods.Get;
        if (context.Request.Method != method)
        {
            context.Response.Headers.Allow = method;
            return RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"only {method} is answered here");
        }

        return path switch
        {
            ["healthz"] => WriteAsync(context, StatusCodes.Status200OK, Text, "ok\n"),
            ["readyz"] when isReady() => WriteAsync(context, StatusCodes.Status200OK, Text, "ready\n"),
            ["readyz"] => WriteAsync(context, StatusCodes.Status503ServiceUnavailable, Text, "not ready\n"),
            ["metrics"] => WriteAsync(context, StatusCodes.Status200OK, PrometheusText.ContentType, metrics.Write()),
            ["api", "instances"] => ListAsync(context),
            ["api", "flags", _] => FindFlagAsync(context),
            ["api", "instances", var challenge, var hash, var identifier, var action] =>
                ActAsync(context, $"{challenge}/{hash}/{identifier}", action),
            _ => RefuseAsync(context, StatusCodes.Status404NotFound, "there is nothing here"),
        };
    }

    private async Task ListAsync(HttpContext context)
    {
        var all = await instances.ListAsync(context.RequestAborted).ConfigureAwait(false);
        IReadOnlyList<InstanceView> views = [.. all.Select(InstanceView.Of).OrderBy(view => view.Key, StringComparer.Ordinal)];
        await WriteAsync(context, StatusCodes.Status200OK, views, AdminJson.Default.IReadOnlyListInstanceView).ConfigureAwait(false);
    }

    private Task FindFlagAsync(HttpContext context)
    {
        // As it was sent: in the path that the server gives some characters are unescaped and some are not, and a flag may hold any.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var record = findFlag(Uri.UnescapeDataString(target.Split('?')[0].TrimEnd('/').Split('/')[^1]));
        return record is null
            ? RefuseAsync(context, StatusCodes.Status404NotFound, "this flag was given to nobody")
            : WriteAsync(context, StatusCodes.Status200OK, FlagView.Of(record), AdminJson.Default.FlagView);
    }

    private Task ActAsync(HttpContext context, string text, string action)
    {
        if (!InstanceKey.TryParse(text, out var key))
        {
            return RefuseAsync(context, StatusCodes.Status400BadRequest, "the key is not CHALLENGE/TOKENHASH/IDENTIFIER");
        }

        switch (action)
        {
            case "stop":
                return StopAsync(context, key);
            case "extend" when DurationText.TryParse(context.Request.Query["duration"].ToString(), out var duration):
                return ExtendAsync(context, key, duration);
            case "extend":
                return RefuseAsync(context, StatusCodes.Status400BadRequest, $"the query has no duration; allowed: duration={ValueKinds.Duration.Allowed}");
            default:
                return RefuseAsync(context, StatusCodes.Status404NotFound, "there is nothing here; an instance can be asked to stop or extend");
        }
    }

    private async Task StopAsync(HttpContext context, InstanceKey key)
    {
        LogMessages.AdminAction(logger, "stop", key.ToShortString());
        var stopped = await instances.StopAsync(key, context.RequestAborted).ConfigureAwait(false);
        await (stopped
            ? WriteAsync(context, StatusCodes.Status200OK, new AdminStopped(key.ToString()), AdminJson.Default.AdminStopped)
            : RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such instance")).ConfigureAwait(false);
    }

    private async Task ExtendAsync(HttpContext context, InstanceKey key, TimeSpan duration)
    {
        LogMessages.AdminAction(logger, "extend", key.ToShortString());
        var end = await instances.ExtendAsync(key, duration, context.RequestAborted).ConfigureAwait(false);
        await (end is { } expiresAt
            ? WriteAsync(context, StatusCodes.Status200OK, new AdminExtended(expiresAt), AdminJson.Default.AdminExtended)
            : RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such instance with a backend")).ConfigureAwait(false);
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason) =>
        WriteAsync(context, status, new AdminError(reason), AdminJson.Default.AdminError);

    private static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type) =>
        WriteAsync(context, status, MediaTypeNames.Application.Json, JsonSerializer.Serialize(value, type) + "\n");

    private static Task WriteAsync(HttpContext context, int status, string type, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
