using System.Net;
using Instancer.Gateway.Commands;

if (SampleChallengeOptions.PortOfPlainCall(args) is { } port)
{
    return SampleChallengeOptions.Run(new IPEndPoint(IPAddress.Loopback, port), CommandConsole.Process);
}

return await new CommandTree(CommandConsole.Process).RunAsync(args).ConfigureAwait(false);
