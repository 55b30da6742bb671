using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Instancer.TestKit.Net;

/// <summary>What a <see cref="FaultProxy"/> does with each connection.</summary>
public interface IFaults
{
    /// <summary>Passes on what the two have to say to each other, as far as it should. The proxy closes both afterwards.</summary>
    Task PassAsync(ProxiedConnection connection, CancellationToken stopped);
}

/// <summary>One connection through a proxy: the two sockets.</summary>
public sealed record ProxiedConnection(Socket Client, Socket Target)
{
    /// <summary>Cuts both off, as a lost connection does.</summary>
    public void Cut()
    {
        Cut(Client);
        Cut(Target);
    }

    /// <summary>Cuts one of them off.</summary>
    public static void Cut(Socket socket)
    {
        if (!socket.SafeHandle.IsClosed)
        {
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }

            socket.Dispose();
        }
    }
}

/// <summary>A proxy on 127.0.0.1 or on a unix socket that does to each connection what its faults say.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly EndPoint _target;
    private readonly IFaults _faults;
    private readonly Task _accepting;

    /// <summary>At a port of 127.0.0.1.</summary>
    /// <param name="target">Where connections are passed on to.</param>
    /// <param name="faults">What happens to them.</param>
    public FaultProxy(IPEndPoint target, IFaults faults)
        : this(new IPEndPoint(IPAddress.Loopback, 0), target, faults)
    {
    }

    /// <summary>Between two unix sockets.</summary>
    /// <param name="path">Where it listens.</param>
    /// <param name="host">Where connections are passed on to, as DOCKER_HOST takes it.</param>
    /// <param name="faults">What happens to them.</param>
    public FaultProxy(string path, string host, IFaults faults)
        : this(new UnixDomainSocketEndPoint(path), new UnixDomainSocketEndPoint(host["unix://".Length..]), faults)
    {
    }

    private FaultProxy(EndPoint listen, EndPoint target, IFaults faults)
    {
        (_target, _faults) = (target, faults);
        _listener = SocketFor(listen);
        _listener.Bind(listen);
        _listener.Listen(1024);
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, if it does at a port.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _stopped.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new ProxiedConnection(await _listener.AcceptAsync(_stopped.Token), SocketFor(_target));
                _connections[connection] = ServeAsync(connection);
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(ProxiedConnection connection)
    {
        using (connection.Client)
        using (connection.Target)
        {
            try
            {
                await connection.Target.ConnectAsync(_target, _stopped.Token);
                await _faults.PassAsync(connection, _stopped.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // One of them is lost, or the test is over: the other one is to see it.
                connection.Cut();
            }
        }
    }

    private static Socket SocketFor(EndPoint endPoint) => endPoint is UnixDomainSocketEndPoint
        ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
}
