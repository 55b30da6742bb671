using Instancer.Gate.Addresses;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Admin;

/// <summary>Answers what is asked of this node's bans. What is wanted is in the query: the endpoint reads no bodies.</summary>
/// <param name="bans">The bans.</param>
/// <param name="logger">Where what operators do is logged.</param>
internal sealed class BanRequests(BanList bans, ILogger logger)
{
    private const int LongestReason = 200;

    /// <summary>
    /// <c>GET /api/bans</c>, <c>POST /api/bans?block=BLOCK[&amp;duration=hh:mm:ss][&amp;reason=TEXT]</c> and <c>DELETE /api/bans?block=BLOCK</c>.
    /// </summary>
    public Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method))
        {
            return AdminResponse.WriteAsync(context, StatusCodes.Status200OK, [.. bans.List().Select(BanView.Of)], AdminJson.Default.IReadOnlyListBanView);
        }

        var text = context.Request.Query["block"].ToString();
        var (block, error) = AddressBlock.Parse(text);
        if (block is null)
        {
            return RefuseAsync(context, $"block: {ConfigurationErrors.Show(text)}: {error}");
        }

        try
        {
            return HttpMethods.IsPost(context.Request.Method) ? AddAsync(context, block.Value) : RemoveAsync(context, block.Value);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return AdminResponse.RefuseAsync(
                context, StatusCodes.Status503ServiceUnavailable, $"nothing was changed, because the bans cannot be written: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    private static Task RefuseAsync(HttpContext context, string reason) => AdminResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, reason);

    private Task AddAsync(HttpContext context, AddressBlock block)
    {
        var (duration, reason) = (context.Request.Query["duration"].ToString(), context.Request.Query["reason"].ToString());
        if (!DurationText.TryParse(duration, out var length) && duration.Length > 0)
        {
            return RefuseAsync(context, $"duration: {ConfigurationErrors.Show(duration)} is not a duration; allowed: {ValueKinds.Duration.Allowed}, or none for good");
        }

        if (reason.Length > LongestReason || reason.Any(char.IsControl))
        {
            return RefuseAsync(context, $"reason: not one line of at most {LongestReason} characters");
        }

        LogMessages.AdminAction(logger, "ban", block.ToString());
        return bans.Add(block, duration.Length > 0 ? length : null, reason.Length > 0 ? reason : null) is { } ban
            ? AdminResponse.WriteAsync(context, StatusCodes.Status200OK, BanView.Of(ban), AdminJson.Default.BanView)
            : AdminResponse.RefuseAsync(context, StatusCodes.Status409Conflict, $"there are {HandBans.Most} bans by hand already; remove one first");
    }

    private Task RemoveAsync(HttpContext context, AddressBlock block)
    {
        LogMessages.AdminAction(logger, "lift the ban of", block.ToString());
        if (bans.Remove(block))
        {
            return AdminResponse.WriteAsync(context, StatusCodes.Status200OK, new AdminBanLifted(block.ToString()), AdminJson.Default.AdminBanLifted);
        }

        var around = bans.List().Where(ban => ban.Block.Contains(block.First)).Select(ban => ban.Block.ToString()).Distinct().ToList();
        return AdminResponse.RefuseAsync(
            context, StatusCodes.Status404NotFound, around.Count == 0 ? $"{block} is not banned" : $"{block} is banned as a part of {string.Join(" and ", around)}; lift that");
    }
}
