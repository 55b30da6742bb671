using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// The data path of Linux: a few threads that wait with epoll and move the bytes themselves, with the system calls that <see cref="Socket"/>
/// would make, but without a queue and a thread's waking between an event and its bytes.
/// </summary>
internal sealed class EpollTransport : ITransport
{
    private readonly EpollLoop[] _loops;
    private readonly NamespaceThread _namespaces = new();
    private readonly TimeProvider _time;
    private uint _next;

    /// <param name="time">The clock that sessions are held to their rate by.</param>
    public EpollTransport(TimeProvider time)
    {
        _time = time;
        _loops = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(i => new EpollLoop($"net-{i}"))];
    }

    /// <summary>The open files that its sockets are some of.</summary>
    internal OpenFiles Files { get; } = new();

    public IListener Listen(IPAddress address, int port)
    {
        var endPoint = new IPEndPoint(address, port);
        try
        {
            return EpollListener.Bind(endPoint, this);
        }
        catch (SocketException e)
        {
            throw new ListenFailedException(endPoint, e);
        }
    }

    public async Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (endPoint, (number, reason)) = address switch
            {
                TcpBackendAddress tcp => (tcp.EndPoint, OpenHere(tcp.EndPoint.AddressFamily)),
                NamespaceBackendAddress inside => (inside.EndPoint, await _namespaces.OpenSocketAsync(inside)),
                _ => throw new ArgumentOutOfRangeException(nameof(address), address, "An address without a case."),
            };
            if (number < 0)
            {
                return new DialOutcome.Failed($"{address}: {reason}");
            }

            var (backend, errno) = await EpollBackend.ConnectAsync(number, endPoint, this, cancellationToken);
            return backend is null ? new DialOutcome.Failed($"{address}: {errno.ToMessage()}") : new DialOutcome.Connected(backend);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return new DialOutcome.Failed($"{address}: given up");
        }
    }

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms)
    {
        var accepted = (EpollClient)client;
        return EpollSession.Start(accepted.HandOver(), ((EpollBackend)backend).HandOver(), accepted.Loop, terms, _time);
    }

    public void Dispose()
    {
        _namespaces.Dispose();
        Array.ForEach(_loops, loop => loop.Dispose());
    }

    /// <summary>The loops in turn.</summary>
    internal EpollLoop NextLoop() => _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length];

    private static (int Number, string Reason) OpenHere(AddressFamily family)
    {
        var number = SocketHandle.Open(family);
        return (number, number < 0 ? Errnos.Last.ToMessage() : "");
    }
}
