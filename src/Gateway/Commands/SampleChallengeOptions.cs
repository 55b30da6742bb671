using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary>What <c>instancer sample-challenge</c> takes.</summary>
internal static class SampleChallengeOptions
{
    private const string Name = "sample-challenge";
    private const string PortOption = "--port";

    /// <summary>The command.</summary>
    public static Command Command(CommandConsole console)
    {
        var port = new Option<ushort>(PortOption) { Description = "The port to listen on.", HelpName = "N", Required = true };
        var listen = new Option<string>("--listen")
        {
            Description = "The address to listen on.",
            HelpName = "ADDRESS",
            DefaultValueFactory = _ => IPAddress.Loopback.ToString(),
        };
        var command = new Command(Name, "A tiny line server that shows state per instance: it reverses lines and counts them.") { port, listen };
        command.SetAction(result =>
        {
            var text = result.GetRequiredValue(listen);
            return ValueKinds.Address.Parse(text, out var address)
                ? Run(new IPEndPoint(address, result.GetValue(port)), console)
                : console.Fail(ExitCode.Usage, $"{ConfigurationErrors.Show(text)} is not {ValueKinds.Address.Noun}; allowed: {ValueKinds.Address.Allowed}");
        });
        return command;
    }

    /// <summary>
    /// The port, if the words are exactly those that a node starts the sample with. Its start is what the sample's first client waits
    /// for, and the parser for everything else would double it.
    /// </summary>
    public static int? PortOfPlainCall(string[] words) =>
        words is [Name, PortOption, var text] && ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    /// <summary>Serves until the process is ended; returns only if it cannot listen.</summary>
    public static int Run(IPEndPoint endPoint, CommandConsole console)
    {
        try
        {
            SampleChallenge.Listen(endPoint).Serve();
            return ExitCode.Done;
        }
        catch (SocketException e)
        {
            return console.Fail(ExitCode.Failed, $"cannot listen on {endPoint}: {e.Message}");
        }
    }
}
