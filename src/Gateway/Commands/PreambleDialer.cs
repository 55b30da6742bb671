using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Commands;

/// <summary>Connects to a gateway and sends the preamble.</summary>
/// <param name="EndPoint">The gateway's challenge.</param>
/// <param name="Preamble">Token and identifier.</param>
internal sealed record PreambleDialer(DnsEndPoint EndPoint, byte[] Preamble)
{
    /// <summary>A connection on which only payload is left to send.</summary>
    /// <exception cref="SocketException">The gateway cannot be reached.</exception>
    public async Task<Socket> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync(Preamble, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
