using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Net.Portable;

/// <summary>The data path on <see cref="Socket"/>, for every system that .NET runs on.</summary>
internal sealed class SocketTransport : ITransport
{
    private readonly TimeProvider _time;
    private readonly ResetPoller _resets;

    /// <param name="time">The clock of the look-out for resets, and that sessions are held to their rate by.</param>
    public SocketTransport(TimeProvider time)
    {
        _time = time;
        _resets = new ResetPoller(time);
    }

    public IListener Listen(IPAddress address, int port) => SocketListener.Bind(address, port, _resets);

    public async Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken)
    {
        if (address is not TcpBackendAddress tcp)
        {
            return new DialOutcome.Failed($"{address}: this transport dials from the gateway's own network only");
        }

        Socket? socket = null;
        try
        {
            socket = new Socket(tcp.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.SetUp();
            await socket.ConnectAsync(tcp.EndPoint, cancellationToken);
            return new DialOutcome.Connected(new SocketBackend(socket, _resets));
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return new DialOutcome.Failed($"{tcp}: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            socket?.Dispose();
            return new DialOutcome.Failed($"{tcp}: given up");
        }
    }

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms) =>
        new SocketSession(((SocketClient)client).Socket, ((SocketBackend)backend).Socket, _resets, terms, _time);

    public void Dispose() => _resets.Dispose();
}
