using Instancer.Gateway.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Admin;

/// <summary>Answers what is asked of nodes.</summary>
/// <param name="node">This node's name.</param>
/// <param name="nodes">All of them.</param>
/// <param name="drain">Stops this one.</param>
/// <param name="logger">Where what operators do is logged.</param>
internal sealed class NodeRequests(string node, INodeDirectory nodes, IDrain drain, ILogger logger)
{
    /// <summary><c>GET /api/nodes</c>.</summary>
    public async Task ListAsync(HttpContext context)
    {
        var all = await nodes.ListAsync(context.RequestAborted).ConfigureAwait(false);
        await AdminResponse.WriteAsync(
            context, StatusCodes.Status200OK, [.. all.OrderBy(view => view.Name, StringComparer.Ordinal)], AdminJson.Default.IReadOnlyListNodeView).ConfigureAwait(false);
    }

    /// <summary><c>POST /api/drain</c>.</summary>
    public Task DrainAsync(HttpContext context)
    {
        LogMessages.AdminAction(logger, "drain", node);
        drain.Ask("The admin endpoint");
        return AdminResponse.WriteAsync(context, StatusCodes.Status202Accepted, new AdminDraining(node), AdminJson.Default.AdminDraining);
    }
}
