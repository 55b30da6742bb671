using System.Globalization;
using System.Text.Json;
using Instancer.Gateway.Admin;

namespace Instancer.Gateway.Commands;

/// <summary>What <c>nodes</c> and <c>drain</c> do with the endpoint's answers.</summary>
internal static class NodesClientCommands
{
    private static readonly string[] Headings = ["NODE", "ADVERTISE", "HERE", "PLACE", "DRAINING", "INSTANCES"];

    /// <summary>How often a node that drains is looked at.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(250);

    /// <summary>Prints the nodes.</summary>
    public static async Task<int> ListAsync(AdminClient client, bool json, CommandConsole console, CancellationToken cancellationToken)
    {
        var nodes = await client.ListNodesAsync(cancellationToken).ConfigureAwait(false);
        if (json)
        {
            console.Output.WriteLine(JsonSerializer.Serialize(nodes, AdminJson.Default.IReadOnlyListNodeView));
        }
        else
        {
            TextTable.Write(console.Output, Headings, nodes.Select(Row));
        }

        return ExitCode.Done;
    }

    /// <summary>Has the node stop, and waits until it has if that is wanted.</summary>
    public static async Task<int> DrainAsync(AdminClient client, bool wait, TimeProvider time, CommandConsole console, CancellationToken cancellationToken)
    {
        var node = (await client.DrainAsync(cancellationToken).ConfigureAwait(false)).Draining;
        console.Output.WriteLine($"{node} drains");
        if (wait)
        {
            while (await DrainsAsync(client, cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(false);
            }

            console.Output.WriteLine($"{node} has stopped");
        }

        return ExitCode.Done;
    }

    // One that answers and does not drain is the next process, which whoever looks after the node has started already.
    private static async Task<bool> DrainsAsync(AdminClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.ListNodesAsync(cancellationToken).ConfigureAwait(false)).Any(node => node is { Here: true, Draining: true });
        }
        catch (AdminRequestException e)
        {
            // What it cannot tell any more, so close to its end, it refuses.
            return !e.IsUnanswered;
        }
    }

    private static string[] Row(NodeView node) =>
    [
        node.Name,
        node.Advertise ?? "-",
        Text(node.Here),
        Text(node.Place),
        Text(node.Draining),
        string.Join(", ", node.Challenges.OrderBy(challenge => challenge.Key, StringComparer.Ordinal).Select(challenge =>
            string.Create(CultureInfo.InvariantCulture, $"{challenge.Key} {challenge.Value.Instances}/{challenge.Value.Max}"))),
    ];

    private static string Text(bool value) => value ? "yes" : "no";
}
