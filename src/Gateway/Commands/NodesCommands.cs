using System.CommandLine;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer nodes list</c> and <c>instancer drain</c>: asks a running node through its admin endpoint.</summary>
internal static class NodesCommands
{
    /// <summary>The commands that look at nodes.</summary>
    public static Command Command(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var admin = new AdminOption(console, request);
        var list = new Command("list", "List the nodes, as the one that is asked knows them.") { json };
        list.SetAction((result, cancel) => admin.RunAsync(result, client => NodesClientCommands.ListAsync(client, result.GetValue(json), console, cancel)));
        return new Command("nodes", "Look at the nodes of a cluster.") { list, admin.Option };
    }

    /// <summary>The command that stops a node.</summary>
    public static Command Drain(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
    {
        var wait = new Option<bool>("--wait") { Description = "End when the node has stopped." };
        var admin = new AdminOption(console, request);
        var drain = new Command("drain", "Have a node stop in order, as SIGTERM does.") { wait, admin.Option };
        drain.SetAction((result, cancel) => admin.RunAsync(result, client =>
            NodesClientCommands.DrainAsync(client, result.GetValue(wait), TimeProvider.System, console, cancel)));
        return drain;
    }
}
