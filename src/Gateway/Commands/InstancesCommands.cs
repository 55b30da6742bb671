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
        var admin = new Option<string?>("--admin")
        {
            Description = "The admin endpoint. Default: where the configuration says it is.",
            HelpName = "URL",
            Recursive = true,
        };

        var list = new Command("list", "List the instances.") { json };
        list.SetAction((result, cancel) => RunAsync(result, (client, token) =>
            InstancesClientCommands.ListAsync(client, result.GetValue(json), console, token), cancel));
        var stop = new Command("stop", "Stop an instance; its sessions end.") { key };
        stop.SetAction((result, cancel) => RunAsync(result, (client, token) =>
            InstancesClientCommands.StopAsync(client, result.GetRequiredValue(key), console, token), cancel));
        var extend = new Command("extend", "Let an instance live longer.") { key, duration };
        extend.SetAction((result, cancel) => RunAsync(result, (client, token) =>
            InstancesClientCommands.ExtendAsync(client, result.GetRequiredValue(key), result.GetRequiredValue(duration), console, token), cancel));
        return new Command("instances", "Look at and manage the instances of a running node.") { list, stop, extend, admin };

        async Task<int> RunAsync(ParseResult result, Func<AdminClient, CancellationToken, Task<int>> run, CancellationToken cancel)
        {
            if (!ConfigurationReader.Read(request(result)).TryGet(out var configuration, out var errors))
            {
                return console.Refuse(errors);
            }

            var (client, error) = AdminClient.Create(configuration.Settings.Admin, result.GetValue(admin));
            if (client is null)
            {
                return console.Fail(ExitCode.Usage, error!);
            }

            using (client)
            {
                try
                {
                    return await run(client, cancel).ConfigureAwait(false);
                }
                catch (AdminRequestException e)
                {
                    return console.Fail(ExitCode.Failed, e.Message);
                }
            }
        }
    }
}
