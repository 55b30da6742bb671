using System.Net;
using Instancer.Actors.Connections;
using Instancer.Gateway.Net;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net;

public sealed class ListenerTests
{
    [Theory, EachTransport]
    public void A_taken_address_is_a_failure_in_one_line(string transport)
    {
        using var rig = new Rig(transport);
        var address = IPEndPoint.Parse(rig.Listener.LocalAddress);

        var failure = Assert.Throws<ListenFailedException>(() => rig.Transport.Listen(address.Address, address.Port));

        Assert.Equal($"cannot listen on {address}: address already in use", failure.Message);
    }

    [Theory, EachTransport]
    public void An_address_of_another_machine_is_a_failure_in_one_line(string transport)
    {
        using var rig = new Rig(transport);

        var failure = Assert.Throws<ListenFailedException>(() => rig.Transport.Listen(IPAddress.Parse("192.0.2.1"), 4000));

        Assert.Equal("cannot listen on 192.0.2.1:4000: this machine does not have that address", failure.Message);
    }

    [Theory, EachTransport]
    public async Task A_restart_can_bind_at_once_though_connections_of_the_last_run_linger(string transport)
    {
        using var rig = new Rig(transport);
        var (lingering, accepted) = await rig.AcceptAsync();
        var address = IPEndPoint.Parse(rig.Listener.LocalAddress);
        accepted.Dispose(); // The side that closes first is the one that keeps the port in TIME_WAIT.
        await lingering.ExpectEndAsync();
        lingering.Dispose();
        rig.Listener.Dispose();

        using var again = rig.Transport.Listen(address.Address, address.Port);

        Assert.Equal(address.ToString(), again.LocalAddress);
    }

    [Theory, EachTransport]
    public async Task Disposing_ends_an_accept_under_way_as_closed(string transport)
    {
        using var rig = new Rig(transport);
        var accepting = rig.Listener.AcceptAsync();

        rig.Listener.Dispose();

        Assert.IsType<AcceptOutcome.Closed>(await accepting.WaitAsync(RawSocket.Deadline));
        Assert.IsType<AcceptOutcome.Closed>(await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline));
    }

    [Theory, EachTransport]
    public async Task Many_clients_at_once_are_all_accepted_each_with_its_address(string transport)
    {
        using var rig = new Rig(transport);
        var clients = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => RawSocket.ConnectAsync(rig.Listener.LocalAddress)));

        var accepted = new HashSet<string>();
        foreach (var _ in clients)
        {
            var outcome = await rig.Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
            using var socket = Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;
            accepted.Add(socket.RemoteAddress);
        }

        Assert.Equal(clients.Select(client => client.Socket.LocalEndPoint!.ToString()!).Order(), accepted.Order());
        Array.ForEach(clients, client => client.Dispose());
    }

    [Theory, EachTransport]
    public async Task The_unspecified_address_of_IPv6_takes_both_families(string transport)
    {
        using var rig = new Rig(transport);
        using var listener = rig.Transport.Listen(IPAddress.IPv6Any, 0);
        var port = IPEndPoint.Parse(listener.LocalAddress).Port;

        foreach (var address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            using var client = await RawSocket.ConnectAsync(new IPEndPoint(address, port));
            var outcome = await listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
            using var accepted = Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket;
            Assert.Equal(client.Socket.LocalEndPoint!.ToString(), accepted.RemoteAddress);
        }
    }
}
