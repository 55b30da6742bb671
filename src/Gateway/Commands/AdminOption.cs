using System.CommandLine;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary>What commands that ask a running node share: <c>--admin</c>, and how its refusal is said.</summary>
internal sealed class AdminOption(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
{
    /// <summary>The option.</summary>
    public Option<string?> Option { get; } = new("--admin")
    {
        Description = "The admin endpoint. Default: where the configuration says it is.",
        HelpName = "URL",
        Recursive = true,
    };

    /// <summary>Runs what asks the node; its exit code.</summary>
    public async Task<int> RunAsync(ParseResult result, Func<AdminClient, Task<int>> run)
    {
        if (!ConfigurationReader.Read(request(result)).TryGet(out var configuration, out var errors))
        {
            return console.Refuse(errors);
        }

        var (client, error) = AdminClient.Create(configuration.Settings.Admin, result.GetValue(Option));
        if (client is null)
        {
            return console.Fail(ExitCode.Usage, error!);
        }

        using (client)
        {
            try
            {
                return await run(client).ConfigureAwait(false);
            }
            catch (AdminRequestException e)
            {
                return console.Fail(ExitCode.Failed, e.Message);
            }
        }
    }
}
