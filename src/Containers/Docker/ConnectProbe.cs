using System.Net.Sockets;

namespace Instancer.Containers.Docker;

/// <summary>
/// Finds out by dialling whether a container accepts connections, where its table of sockets cannot be read. A published port is accepted by
/// the engine's proxy whether or not the server listens; the proxy closes at once if not, so a connection counts that is still
/// open after a moment, or on which the server has said something.
/// </summary>
internal sealed class ConnectProbe(TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    public async Task<Look> LookAsync(RunningContainer container, CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var longest = new CancellationTokenSource(Longest, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, longest.Token);
        try
        {
            await socket.ConnectAsync(container.Dialled, patience.Token);
            return container.Address is not ContainerAddress.Published || await StaysOpenAsync(socket, cancellationToken) ? Look.Listening : Look.MayHaveEnded;
        }
        catch (SocketException)
        {
            return Look.MayHaveEnded;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Look.MayHaveEnded;
        }
    }

    private async Task<bool> StaysOpenAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var over = new CancellationTokenSource(Moment, time);
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, over.Token);
        try
        {
            var peeked = new byte[1];
            return await socket.ReceiveAsync(peeked, SocketFlags.Peek, moment.Token) > 0;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }
}
