using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Linux;

/// <summary>A listening socket on an epoll loop.</summary>
internal sealed class EpollListener : IListener
{
    private readonly SocketHandle _socket;
    private readonly EpollTransport _transport;
    private readonly EpollLoop _loop;

    private EpollListener(SocketHandle socket, EpollTransport transport)
    {
        _socket = socket;
        _transport = transport;
        _loop = transport.NextLoop();
        LocalAddress = socket.LocalEndPoint().ToString();
    }

    public string LocalAddress { get; }

    /// <summary>Binds and listens.</summary>
    /// <exception cref="SocketException">The address is in use, forbidden or not this machine's.</exception>
    public static EpollListener Bind(IPEndPoint endPoint, EpollTransport transport)
    {
        var number = SocketHandle.Open(endPoint.AddressFamily);
        var socket = number < 0 ? throw Errnos.Last.ToException() : new SocketHandle(number);
        try
        {
            socket.SetUp();
            socket.ReuseAddress();
            if (endPoint.Address.Equals(IPAddress.IPv6Any))
            {
                socket.TakeBothFamilies();
            }

            var address = SocketAddressBytes.Of(endPoint);
            if (Libc.bind(socket, ref address[0], address.Length) < 0 || Libc.listen(socket, Backlog.Length) < 0)
            {
                throw Errnos.Last.ToException();
            }

            return new EpollListener(socket, transport);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async Task<AcceptOutcome> AcceptAsync()
    {
        try
        {
            while (true)
            {
                // Nobody has to give way while nobody waits.
                if (_transport.Files.Shortage() is { } shortage)
                {
                    if (_socket.HasWaiting())
                    {
                        return new AcceptOutcome.TryLater(shortage) { IsShort = true };
                    }
                }
                else if (TryAccept() is { } outcome)
                {
                    return outcome;
                }

                await EpollWait.ForAsync(_socket, _loop, EpollEvents.Readable, default);
            }
        }
        catch (ObjectDisposedException)
        {
            return new AcceptOutcome.Closed();
        }
        catch (SocketException e)
        {
            // epoll_ctl(2): out of memory, or of the user's watches. It passes.
            return new AcceptOutcome.TryLater(e.Message);
        }
    }

    public void Dispose() => _socket.Dispose();

    // Null if there is nobody now.
    private AcceptOutcome? TryAccept()
    {
        Span<byte> address = stackalloc byte[SocketAddressBytes.Length];
        var length = address.Length;
        var client = Libc.accept4(_socket, ref address[0], ref length, Libc.SocketNonBlocking | Libc.SocketCloseOnExec);
        if (client >= 0)
        {
            var (socket, files) = _transport.Files.OfClient(client);
            return new AcceptOutcome.Accepted(new EpollClient(socket, _transport.NextLoop(), SocketAddressBytes.Parse(address[..length]), files));
        }

        var errno = Errnos.Last;

        // accept(2): what the network did to the client is reported here, and so is the open-file limit. All of it passes.
        return errno is Errno.WouldBlock or Errno.Interrupted ? null : new AcceptOutcome.TryLater(errno.ToMessage());
    }
}
