using System.Collections.Concurrent;
using System.Net.Sockets;
using Instancer.Actors.Instances;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// A thread of its own that steps into containers' network namespaces and makes sockets there. A socket stays in the namespace that it was made in,
/// whoever uses it; a thread that steps back late, or not at all, would take whatever else it runs into a container's network. So
/// this one runs nothing else. It starts with the first dial.
/// </summary>
internal sealed class NamespaceThread : IDisposable
{
    private readonly BlockingCollection<Request> _requests = [];
    private readonly Lock _starting = new();
    private Thread? _thread;

    /// <summary>
    /// Why this process cannot step into network namespaces, in one line; null if it can. Found out by stepping into its own. That takes CAP_SYS_ADMIN; to open the one
    /// of a process of another user takes CAP_SYS_PTRACE too.
    /// </summary>
    public static string? Obstacle()
    {
        using var own = FileHandle.Open(ContainerNetwork.OfThisProcess, Libc.ReadOnly, out var errno);
        errno = own is not null && Libc.setns(own, Libc.NetworkNamespace) < 0 ? Errnos.Last : errno;
        return errno != Errno.None ? $"this process may not enter network namespaces: {errno.ToMessage()}"
            : Capabilities.Have(Capabilities.Ptrace) ? null
            : "this process may not open the network namespaces of others: it has no CAP_SYS_PTRACE";
    }

    /// <summary>The number of a new non-blocking TCP socket in the container's network; or -1 and why there is none, in one line.</summary>
    /// <exception cref="ObjectDisposedException">The transport is closed.</exception>
    public Task<(int Number, string Reason)> OpenSocketAsync(NamespaceBackendAddress address)
    {
        var request = new Request(address);
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_requests.IsAddingCompleted, this);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "net-namespaces" };
                _thread.Start();
            }

            _requests.Add(request);
        }

        return request.Opened.Task;
    }

    /// <summary>Ends the thread, when it has answered what was asked.</summary>
    public void Dispose()
    {
        lock (_starting)
        {
            _requests.CompleteAdding();
        }

        _thread?.Join();
        _requests.Dispose();
    }

    private void Run()
    {
        Rehearse();
        foreach (var request in _requests.GetConsumingEnumerable())
        {
            var number = Open(request.Address, out var reason);
            request.Opened.SetResult((number, reason));
        }
    }

    private static int Open(NamespaceBackendAddress address, out string reason)
    {
        using var own = FileHandle.Open(ContainerNetwork.OfThisProcess, Libc.ReadOnly, out var errno);
        if (own is null)
        {
            reason = errno.ToMessage();
            return -1;
        }

        using var network = ContainerNetwork.Open(address, out reason);
        if (network is null)
        {
            return -1;
        }

        var number = Make(network, own, address.EndPoint.AddressFamily, out errno);
        reason = number < 0 ? $"no socket in its network: {errno.ToMessage()}" : "";
        return number;
    }

    // Back again at once: a thread keeps the network that it is in alive, and this one's container may be removed the next moment. And what
    // the runtime starts of its own accord it starts on the thread that gave the occasion, in that thread's network: so nothing is allocated in
    // between, and what is to be compiled was compiled by a first round that goes nowhere.
    private static int Make(FileHandle network, FileHandle own, AddressFamily family, out Errno errno)
    {
        errno = Errno.None;
        if (Libc.setns(network, Libc.NetworkNamespace) < 0)
        {
            errno = Errnos.Last;
            return -1;
        }

        var number = SocketHandle.Open(family);
        errno = number < 0 ? Errnos.Last : Errno.None;
        if (Libc.setns(own, Libc.NetworkNamespace) < 0)
        {
            errno = Errnos.Last;
            new SocketHandle(number).Dispose();
            return -1;
        }

        return number;
    }

    private static void Rehearse()
    {
        using var own = FileHandle.Open(ContainerNetwork.OfThisProcess, Libc.ReadOnly, out _);
        if (own is not null)
        {
            new SocketHandle(Make(own, own, AddressFamily.InterNetwork, out _)).Dispose();
        }
    }

    private sealed record Request(NamespaceBackendAddress Address)
    {
        // The dial goes on elsewhere: this thread belongs to the namespaces.
        public TaskCompletionSource<(int Number, string Reason)> Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
