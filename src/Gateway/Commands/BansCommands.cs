using System.CommandLine;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer bans list|add|remove</c>: asks a running node through its admin endpoint.</summary>
internal static class BansCommands
{
    /// <summary>The commands.</summary>
    public static Command Command(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
    {
        var block = new Argument<string>("BLOCK") { Description = "An address or block: 192.0.2.1, 198.51.100.0/24, 2001:db8::/64." };
        var duration = new Option<string?>("--for") { Description = "How long, hh:mm:ss. Default: for good.", HelpName = "DURATION" };
        var reason = new Option<string?>("--reason") { Description = "Why; list prints it.", HelpName = "TEXT" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var admin = new AdminOption(console, request);

        var list = new Command("list", "List the bans of the node, those by itself and those by hand.") { json };
        list.SetAction((result, cancel) => admin.RunAsync(result, client =>
            BansClientCommands.ListAsync(client, result.GetValue(json), console, cancel)));
        var add = new Command("add", "Ban a block. It cannot connect any more; sessions that it has go on. The ban outlasts the node.") { block, duration, reason };
        add.SetAction((result, cancel) => admin.RunAsync(result, client =>
            BansClientCommands.AddAsync(client, result.GetRequiredValue(block), result.GetValue(duration), result.GetValue(reason), console, cancel)));
        var remove = new Command("remove", "Lift the ban of a block as list prints it.") { block };
        remove.SetAction((result, cancel) => admin.RunAsync(result, client =>
            BansClientCommands.RemoveAsync(client, result.GetRequiredValue(block), console, cancel)));
        return new Command("bans", "Look at and manage which addresses are banned from a running node.") { list, add, remove, admin.Option };
    }
}
