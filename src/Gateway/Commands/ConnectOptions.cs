using System.CommandLine;
using System.Globalization;
using System.Net;
using Instancer.Actors.Connections;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Tokens;

namespace Instancer.Gateway.Commands;

/// <summary>What <c>instancer connect</c> takes.</summary>
internal static class ConnectOptions
{
    private const string DefaultTokenFile = "var/dev-token";
    private const int LongestWait = 3600;

    /// <summary>The command.</summary>
    public static Command Command(CommandConsole console)
    {
        var address = new Argument<string>("HOST:PORT") { Description = "Where the challenge listens." };
        var tokenFile = new Option<string>("--token-file")
        {
            Description = "The file of the token, 128 bytes.",
            HelpName = "F",
            DefaultValueFactory = _ => DefaultTokenFile,
        };
        var id = new Option<ushort>("--id")
        {
            Description = "Which of the token's instances. 0 stops all of them and starts afresh.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var listen = new Option<ushort?>("--listen")
        {
            Description = "Listen on 127.0.0.1:P, and connect every client of it, in place of stdin and stdout.",
            HelpName = "P",
        };
        var pow = new Option<bool>("--pow") { Description = "Wait whether a proof of work is asked for, and solve it. Without this the token is sent at once." };
        var powWait = new Option<double>("--pow-wait")
        {
            Description = "With --pow, how long to wait for the question: a challenge that asks under attack only says nothing otherwise.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 2,
        };

        var command = new Command("connect", "Connect stdin and stdout, or a local port, to an instance.") { address, tokenFile, id, listen, pow, powWait };
        command.SetAction((result, cancellationToken) =>
        {
            var text = result.GetRequiredValue(address);
            if (ParseAddress(text) is not { } endPoint)
            {
                return Task.FromResult(console.Fail(ExitCode.Usage, $"{ConfigurationErrors.Show(text)} is not an address; allowed: HOST:PORT, such as 127.0.0.1:12345"));
            }

            var (preamble, error) = ReadPreamble(result.GetRequiredValue(tokenFile), result.GetValue(id));
            if (preamble is null)
            {
                return Task.FromResult(console.Fail(ExitCode.Usage, error!));
            }

            if (result.GetValue(powWait) is not (> 0 and <= LongestWait and var wait))
            {
                return Task.FromResult(console.Fail(ExitCode.Usage, $"--pow-wait is not a wait; allowed: above 0, at most {LongestWait} seconds"));
            }

            var work = result.GetValue(pow) ? new WorkAnswerer(new WorkSolver(console.Error, TimeProvider.System), TimeSpan.FromSeconds(wait), TimeProvider.System) : null;
            var dialer = new PreambleDialer(endPoint, preamble, work);
            return result.GetValue(listen) is { } port
                ? ConnectListenCommand.RunAsync(dialer, port, console, cancellationToken)
                : ConnectCommand.RunAsync(dialer, StandardStreams.Open(), console, cancellationToken);
        });
        return command;
    }

    /// <summary>Reads <c>HOST:PORT</c>, where an IPv6 address is in brackets; null if it is anything else.</summary>
    public static DnsEndPoint? ParseAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0
            && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            && text[..colon] is var host && (!host.Contains(':', StringComparison.Ordinal) || (host[0] == '[' && host[^1] == ']'))
            ? new DnsEndPoint(host.Trim('[', ']'), port)
            : null;
    }

    private static (byte[]? Preamble, string? Error) ReadPreamble(string tokenFile, ushort id)
    {
        try
        {
            return TokenText.Read(File.ReadAllBytes(tokenFile)) is { } token
                ? ([.. token, (byte)(id >> 8), (byte)id], null)
                : (null, $"{tokenFile} does not hold a token; a token is exactly {Preamble.TokenLength} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"the token file {tokenFile} cannot be read: {e.Message}");
        }
    }
}
