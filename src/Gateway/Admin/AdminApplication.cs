using Instancer.Actors.Runtime;
using Instancer.Gateway.Admin.Metrics;
using Instancer.Gateway.Flags;
using Instancer.Gateway.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Admin;

/// <summary>What the admin endpoint answers.</summary>
internal sealed class AdminApplication(
    InstanceRequests instances,
    NodeRequests nodes,
    BanRequests bans,
    Func<string, FlagRecord?> findFlag,
    Func<bool> isReady,
    MetricsExporter metrics,
    AdminGuard guard,
    ILogger<AdminApplication> logger)
    : IHttpApplication<HttpContext>
{
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
                await AdminResponse.RefuseAsync(context, status, reason).ConfigureAwait(false);
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
            await AdminResponse.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message).ConfigureAwait(false);
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
        string[] methods = path switch
        {
            ["api", "instances", _, _, _, _] or ["api", "drain"] => [HttpMethods.Post],
            ["api", "bans"] => [HttpMethods.Get, HttpMethods.Post, HttpMethods.Delete],
            _ => [HttpMethods.Get],
        };
        if (!methods.Contains(context.Request.Method))
        {
            var allowed = string.Join(", ", methods);
            context.Response.Headers.Allow = allowed;
            return AdminResponse.RefuseAsync(
                context, StatusCodes.Status405MethodNotAllowed, methods.Length == 1 ? $"only {allowed} is answered here" : $"only {allowed} are answered here");
        }

        return path switch
        {
            ["healthz"] => AdminResponse.WriteAsync(context, StatusCodes.Status200OK, AdminResponse.Text, "ok\n"),
            ["readyz"] when isReady() => AdminResponse.WriteAsync(context, StatusCodes.Status200OK, AdminResponse.Text, "ready\n"),
            ["readyz"] => AdminResponse.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, AdminResponse.Text, "not ready\n"),
            ["metrics"] => AdminResponse.WriteAsync(context, StatusCodes.Status200OK, PrometheusText.ContentType, metrics.Write()),
            ["api", "nodes"] => nodes.ListAsync(context),
            ["api", "drain"] => nodes.DrainAsync(context),
            ["api", "bans"] => bans.AnswerAsync(context),
            ["api", "instances"] => instances.ListAsync(context),
            ["api", "flags", _] => FindFlagAsync(context),
            ["api", "instances", var challenge, var hash, var identifier, var action] =>
                instances.ActAsync(context, $"{challenge}/{hash}/{identifier}", action),
            _ => AdminResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "there is nothing here"),
        };
    }

    private Task FindFlagAsync(HttpContext context)
    {
        // As it was sent: in the path that the server gives some characters are unescaped and some are not, and a flag may hold any.
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var record = findFlag(Uri.UnescapeDataString(target.Split('?')[0].TrimEnd('/').Split('/')[^1]));
        return record is null
            ? AdminResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "this flag was given to nobody")
            : AdminResponse.WriteAsync(context, StatusCodes.Status200OK, FlagView.Of(record), AdminJson.Default.FlagView);
    }
}
