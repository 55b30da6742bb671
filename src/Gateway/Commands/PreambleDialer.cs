using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Commands;

/// <summary>Connects to a gateway and sends the preamble.</summary>
/// <param name="EndPoint">The gateway's challenge.</param>
/// <param name="Preamble">Token and identifier.</param>
/// <param name="Work">Does what the gateway may ask for before the preamble; null if it asks for nothing.</param>
internal sealed record PreambleDialer(DnsEndPoint EndPoint, byte[] Preamble, WorkAnswerer? Work = null)
{
    /// <summary>A connection on which only payload is left to send.</summary>
    /// <exception cref="SocketException">The gateway cannot be reached.</exception>
    /// <exception cref="IOException">The gateway asks for something else than a proof of work.</exception>
    public async Task<Socket> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(EndPoint, cancellationToken).ConfigureAwait(false);
            var answer = Work is null ? [] : await Work.AnswerAsync(socket, cancellationToken).ConfigureAwait(false);
            await socket.SendAsync((byte[])[.. answer, .. Preamble], cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
