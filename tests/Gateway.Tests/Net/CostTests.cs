using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

[Collection(Alone.Name)]
public sealed class CostTests
{
    private const int MiB = 1024 * 1024;

    [LinuxTheory, EachTransport]
    public async Task A_reader_that_does_not_read_costs_no_memory(string transport)
    {
        using var rig = new Rig(transport);
        var (client, server, session) = await rig.StartAsync();
        var chunk = new byte[MiB];
        await client.SendAsync(chunk);
        await server.ReceiveAsync(MiB);
        var before = Resident();

        // A gigabyte, if anybody would take it.
        var stuck = false;
        for (var sent = 0; sent < 1024 && !stuck; sent++)
        {
            var sending = client.SendAsync(chunk);
            stuck = await Task.WhenAny(sending, Stuck(session, sending)) != sending;
        }

        Assert.True(stuck);
        Assert.InRange(Resident() - before, long.MinValue, 8 * MiB);
    }

    [Theory, EachTransport]
    public async Task Moving_bytes_allocates_nothing(string transport)
    {
        const int RoundTrips = 2000;
        using var rig = new Rig(transport);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();

        // Sockets that never were asynchronous: their calls allocate nothing, so what is measured is the transport's.
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPEndPoint.Parse(rig.Listener.LocalAddress));
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(await rig.Listener.AcceptAsync()).Socket;
        var dialled = await rig.Transport.DialAsync(new TcpBackendAddress((IPEndPoint)listener.LocalEndPoint!), default);
        using var server = listener.Accept();
        rig.Transport.Start(accepted, Assert.IsType<DialOutcome.Connected>(dialled).Socket);
        var message = new byte[64];
        Play(client, server, message, RoundTrips);

        // On all threads, and so with what the test's own host allocates now and then: that can only add, and the least of a few rounds is without it.
        // The smallest object has 24 bytes, so one for every fourth read or write would show already.
        var least = Enumerable.Range(0, 5).Min(_ => Allocated(() => Play(client, server, message, RoundTrips)));
        Assert.InRange(least, 0, 24 * RoundTrips - 1);
    }

    private static long Allocated(Action act)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        act();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static void Play(Socket client, Socket server, byte[] message, int times)
    {
        for (var i = 0; i < times; i++)
        {
            client.Send(message);
            ReceiveAll(server, message);
            server.Send(message);
            ReceiveAll(client, message);
        }
    }

    private static void ReceiveAll(Socket socket, byte[] message)
    {
        for (var received = 0; received < message.Length;)
        {
            received += socket.Receive(message.AsSpan(received));
        }
    }

    // Ends when for a second nothing was passed on and the send has not ended.
    private static async Task Stuck(ISession session, Task sending)
    {
        var (bytes, since) = (session.BytesRelayed, Stopwatch.StartNew());
        await Eventually.TrueAsync(
            () =>
            {
                if (session.BytesRelayed != bytes)
                {
                    (bytes, since) = (session.BytesRelayed, Stopwatch.StartNew());
                }

                return sending.IsCompleted || since.Elapsed > TimeSpan.FromSeconds(1);
            },
            "the send is stuck");
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
