using System.Net.Sockets;

namespace Instancer.Gateway.Commands;

/// <summary>Makes two sockets as good as one wire, for <c>connect --listen</c>. The gateway itself has a relay built for load.</summary>
internal static class SocketCopy
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Copies both ways until both have ended. An end is passed on as an end, in its direction only; a failure resets both.</summary>
    /// <exception cref="SocketException">One of them was reset; both are closed.</exception>
    public static async Task BothWaysAsync(Socket a, Socket b, CancellationToken cancellationToken)
    {
        try
        {
            var there = OneWayAsync(a, b, cancellationToken);
            var back = OneWayAsync(b, a, cancellationToken);
            var first = await Task.WhenAny(there, back).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            await Task.WhenAll(there, back).ConfigureAwait(false);
        }
        catch
        {
            a.Close(timeout: 0);
            b.Close(timeout: 0);
            throw;
        }
    }

    private static async Task OneWayAsync(Socket from, Socket to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (await from.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            for (var sent = 0; sent < read;)
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), cancellationToken).ConfigureAwait(false);
            }
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
