using System.CommandLine;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer instances list|stop|extend</c>: asks a running node through its admin endpoint.</summary>
internal static class InstancesCommands
{
    /// <summary>The commands.</summary>
    public static Command Command(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
    {
        var key = new Argument<string>("KEY") { Description = "CHALLENGE/HASH/IDENTIFIER as list prints it; the hash may be cut short." };
        var duration = new Argument<string>("DURATION") { Description = "What to add to the time to live, hh:mm:ss." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var admin = new AdminOption(console, request);

        var list = new Command("list", "List the instances, of all nodes if there are several.") { json };
        list.SetAction((result, cancel) => admin.RunAsync(result, client =>
            InstancesClientCommands.ListAsync(client, result.GetValue(json), console, cancel)));
        var stop = new Command("stop", "Stop an instance; its sessions end.") { key };
        stop.SetAction((result, cancel) => admin.RunAsync(result, client =>
            InstancesClientCommands.StopAsync(client, result.GetRequiredValue(key), console, cancel)));
        var extend = new Command("extend", "Let an instance live longer.") { key, duration };
        extend.SetAction((result, cancel) => admin.RunAsync(result, client =>
            InstancesClientCommands.ExtendAsync(client, result.GetRequiredValue(key), result.GetRequiredValue(duration), console, cancel)));
        return new Command("instances", "Look at and manage the instances of a running node.") { list, stop, extend, admin.Option };
    }
}
