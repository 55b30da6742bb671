using System.Globalization;
using System.Text.Json;
using Instancer.Gateway.Admin;

namespace Instancer.Gateway.Commands;

/// <summary>What the <c>bans</c> commands do with the endpoint's answers.</summary>
internal static class BansClientCommands
{
    private static readonly string[] Headings = ["BLOCK", "CAUSE", "TIMES", "SINCE", "UNTIL", "REASON"];

    /// <summary>Prints the bans.</summary>
    public static async Task<int> ListAsync(AdminClient client, bool json, CommandConsole console, CancellationToken cancellationToken)
    {
        var bans = await client.ListBansAsync(cancellationToken).ConfigureAwait(false);
        if (json)
        {
            console.Output.WriteLine(JsonSerializer.Serialize(bans, AdminJson.Default.IReadOnlyListBanView));
        }
        else
        {
            TextTable.Write(console.Output, Headings, bans.Select(Row));
        }

        return ExitCode.Done;
    }

    /// <summary>Bans a block.</summary>
    public static async Task<int> AddAsync(
        AdminClient client, string block, string? duration, string? reason, CommandConsole console, CancellationToken cancellationToken)
    {
        var ban = await client.BanAsync(block, duration, reason, cancellationToken).ConfigureAwait(false);
        console.Output.WriteLine($"{ban.Block} is banned {(ban.Until is { } end ? $"until {Text(end)}" : "for good")}");
        return ExitCode.Done;
    }

    /// <summary>Lifts the ban of a block.</summary>
    public static async Task<int> RemoveAsync(AdminClient client, string block, CommandConsole console, CancellationToken cancellationToken)
    {
        console.Output.WriteLine($"{(await client.LiftBanAsync(block, cancellationToken).ConfigureAwait(false)).Lifted} is banned no more");
        return ExitCode.Done;
    }

    private static string[] Row(BanView ban) =>
    [
        ban.Block,
        ban.Cause.ToString().ToLowerInvariant(),
        ban.Times == 0 ? "-" : ban.Times.ToString(CultureInfo.InvariantCulture),
        Text(ban.Since),
        ban.Until is { } end ? Text(end) : "-",
        ban.Reason ?? "-",
    ];

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
