using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer flag FLAG</c>: asks a running node to whom a flag was given.</summary>
internal static class FlagCommand
{
    private static readonly string[] Headings = ["CLIENT", "CHALLENGE", "ISSUED", "KEY"];

    /// <summary>The command.</summary>
    public static Command Command(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
    {
        var flag = new Argument<string>("FLAG") { Description = "The flag that somebody handed in." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var admin = new AdminOption(console, request);
        var command = new Command("flag", "Tell to whom a flag was given.") { flag, json, admin.Option };
        command.SetAction((result, cancel) => admin.RunAsync(result, async client =>
        {
            var found = await client.FindFlagAsync(result.GetRequiredValue(flag), cancel).ConfigureAwait(false);
            if (result.GetValue(json))
            {
                console.Output.WriteLine(JsonSerializer.Serialize(found, AdminJson.Default.FlagView));
            }
            else
            {
                var issued = found.IssuedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
                TextTable.Write(console.Output, Headings, [[found.Client ?? "-", found.Challenge, issued, found.Key]]);
            }

            return ExitCode.Done;
        }));
        return command;
    }
}
