using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Linux;

/// <summary>An accepted socket on an epoll loop.</summary>
/// <param name="socket">The accepted socket, taken over.</param>
/// <param name="loop">The loop that it stays with.</param>
/// <param name="remote">The client's address.</param>
/// <param name="files">The files that are kept for it.</param>
internal sealed class EpollClient(SocketHandle socket, EpollLoop loop, IPEndPoint remote, ClientFiles files) : EpollSocket(socket, loop), IAcceptedSocket
{
    private IPEndPoint? _local;

    public string RemoteAddress { get; } = remote.ToString();

    public IPEndPoint RemoteEndPoint => remote;

    public IPEndPoint LocalEndPoint => _local ??= Open().LocalEndPoint();

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        if (notice is ClientNotice.Accepted)
        {
            files.Accept();
        }
    }

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) => this.ReadWholePreambleAsync(cancellationToken);
}
