using Instancer.Actors;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Admin;

/// <summary>Answers what is asked of instances.</summary>
internal sealed class InstanceRequests(ClusterInstances instances, ILogger logger)
{
    /// <summary><c>GET /api/instances</c>.</summary>
    public Task ListAsync(HttpContext context) => context.Request.Query["scope"].ToString() switch
    {
        "" or "cluster" => ListAllAsync(context),
        "node" => ListHereAsync(context),
        var scope => AdminResponse.RefuseAsync(
            context, StatusCodes.Status400BadRequest, $"scope: {ConfigurationErrors.Show(scope)} is not a scope; allowed: cluster, node"),
    };

    /// <summary><c>POST /api/instances/KEY/ACTION</c>.</summary>
    public Task ActAsync(HttpContext context, string text, string action)
    {
        if (!InstanceKey.TryParse(text, out var key))
        {
            return AdminResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, "the key is not CHALLENGE/TOKENHASH/IDENTIFIER");
        }

        switch (action)
        {
            case "stop":
                return StopAsync(context, key);
            case "extend" when DurationText.TryParse(context.Request.Query["duration"].ToString(), out var duration):
                return ExtendAsync(context, key, duration);
            case "extend":
                return AdminResponse.RefuseAsync(
                    context, StatusCodes.Status400BadRequest, $"the query has no duration; allowed: duration={ValueKinds.Duration.Allowed}");
            default:
                return AdminResponse.RefuseAsync(
                    context, StatusCodes.Status404NotFound, "there is nothing here; an instance can be asked to stop or extend");
        }
    }

    private async Task ListHereAsync(HttpContext context) =>
        await WriteAsync(context, await instances.ListHereAsync(context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task ListAllAsync(HttpContext context)
    {
        var all = await instances.ListAsync(context.RequestAborted).ConfigureAwait(false);
        AdminResponse.NoteUnanswered(context, all.Unanswered);
        await WriteAsync(context, all.Value!).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, IReadOnlyList<InstanceView> views) => AdminResponse.WriteAsync(
        context, StatusCodes.Status200OK, [.. views.OrderBy(view => view.Key, StringComparer.Ordinal)], AdminJson.Default.IReadOnlyListInstanceView);

    private async Task StopAsync(HttpContext context, InstanceKey key)
    {
        LogMessages.AdminAction(logger, "stop", key.ToShortString());
        var stopped = await instances.StopAsync(key, context.RequestAborted).ConfigureAwait(false);
        await (stopped.Value
            ? AdminResponse.WriteAsync(context, StatusCodes.Status200OK, new AdminStopped(key.ToString()), AdminJson.Default.AdminStopped)
            : NotFoundAsync(context, stopped.Unanswered, "there is no such instance")).ConfigureAwait(false);
    }

    private async Task ExtendAsync(HttpContext context, InstanceKey key, TimeSpan duration)
    {
        LogMessages.AdminAction(logger, "extend", key.ToShortString());
        var end = await instances.ExtendAsync(key, duration, context.RequestAborted).ConfigureAwait(false);
        await (end.Value is { } expiresAt
            ? AdminResponse.WriteAsync(context, StatusCodes.Status200OK, new AdminExtended(expiresAt), AdminJson.Default.AdminExtended)
            : NotFoundAsync(context, end.Unanswered, "there is no such instance with a backend")).ConfigureAwait(false);
    }

    // Where a node has not answered nobody knows whether it is there.
    private static Task NotFoundAsync(HttpContext context, IReadOnlyList<string> unanswered, string reason)
    {
        AdminResponse.NoteUnanswered(context, unanswered);
        return unanswered.Count == 0
            ? AdminResponse.RefuseAsync(context, StatusCodes.Status404NotFound, reason)
            : AdminResponse.RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, $"{reason} on the nodes that answered; no answer came from {string.Join(", ", unanswered)}");
    }
}
