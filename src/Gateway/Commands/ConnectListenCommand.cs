using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer connect HOST:PORT --listen P</c>: a local port whose every connection becomes one with a preamble.</summary>
internal static class ConnectListenCommand
{
    /// <summary>Runs until it is cancelled or the port cannot be listened on.</summary>
    public static async Task<int> RunAsync(PreambleDialer dialer, int port, CommandConsole console, CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
        }
        catch (SocketException e)
        {
            return console.Fail(ExitCode.Failed, $"cannot listen on {listener.LocalEndpoint}: {e.Message}");
        }

        console.Error.WriteLine($"listening on {listener.LocalEndpoint}");
        while (true)
        {
            var local = await listener.AcceptSocketAsync(cancellationToken).ConfigureAwait(false);
            _ = ServeAsync(local, dialer, console, cancellationToken);
        }
    }

    private static async Task ServeAsync(Socket local, PreambleDialer dialer, CommandConsole console, CancellationToken cancellationToken)
    {
        using (local)
        {
            try
            {
                local.NoDelay = true;
                using var remote = await dialer.DialAsync(cancellationToken).ConfigureAwait(false);
                await SocketCopy.BothWaysAsync(local, remote, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // The gateway refused or reset: so the local client is to see a reset.
                local.Close(timeout: 0);
                console.Error.WriteLine($"instancer: {dialer.EndPoint.Host}:{dialer.EndPoint.Port}: {e.Message}");
            }
        }
    }
}
