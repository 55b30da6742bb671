using System.Net;
using System.Net.Sockets;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Tests.Linux;

public sealed class ProcFilesTests
{
    private const string Tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:0539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0000000000000000 100 0 0 10 0
           1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 4243 1 0000000000000000 100 0 0 10 0
           2: 020012AC:0539 010012AC:D431 01 00000000:00000000 02:000AFBE1 00000000     0        0 4244 2 0000000000000000 20 4 30 10 -1
           3: nonsense
        """;

    private const string Tcp6 = """
          sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000000000000:0539 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5000 1 0000000000000000 100 0 0 10 0
           1: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5001 1 0000000000000000 100 0 0 10 0
           2: 0000000000000000FFFF0000020012AC:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5002 1 0000000000000000 100 0 0 10 0
        """;

    [Fact]
    public void Listening_sockets_are_read_and_nothing_else()
    {
        Assert.Equal(
            [new ListeningSocket(IPEndPoint.Parse("127.0.0.1:1337"), 4242), new ListeningSocket(IPEndPoint.Parse("0.0.0.0:80"), 4243)],
            SocketTable.Parse(Tcp));
        Assert.Equal(
            [
                new ListeningSocket(IPEndPoint.Parse("[::]:1337"), 5000),
                new ListeningSocket(IPEndPoint.Parse("[::1]:8080"), 5001),
                new ListeningSocket(IPEndPoint.Parse("172.18.0.2:22"), 5002),
            ],
            SocketTable.Parse(Tcp6));
        Assert.Empty(SocketTable.Parse(""));
    }

    [Theory]
    [InlineData("0.0.0.0:1337", true)]
    [InlineData("[::]:1337", true)]
    [InlineData("172.18.0.2:1337", true)]
    [InlineData("127.0.0.1:1337", false)]
    [InlineData("0.0.0.0:1338", false)]
    public void Loopback_and_other_ports_take_no_connection_from_outside(string listening, bool accepts) =>
        Assert.Equal(accepts, SocketTable.Accepts(IPEndPoint.Parse(listening), IPEndPoint.Parse("172.18.0.2:1337")));

    [Fact]
    public void The_systems_own_table_is_read()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Null(SocketTable.Read(Environment.ProcessId));
            return;
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = Assert.Single(SocketTable.Read(Environment.ProcessId)!, one => one.EndPoint.Equals(listener.LocalEndpoint));
        var self = ProcessTable.Find(Environment.ProcessId)!.Value;
        Assert.True(ProcessTable.HaveSocket([self], socket.Inode));
        Assert.False(ProcessTable.HaveSocket([self], -1));
        Assert.Null(SocketTable.Read(int.MaxValue));
    }

    [Fact]
    public void A_lookup_finds_a_socket_when_it_listens_and_not_before()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        foreach (var (listening, dialled) in new[] { (IPAddress.Loopback, IPAddress.Loopback), (IPAddress.Any, IPAddress.Loopback), (IPAddress.IPv6Any, IPAddress.Loopback) })
        {
            var port = LineClient.FreePort();
            var lookup = new ListenerLookup(Environment.ProcessId, new IPEndPoint(dialled, port));
            for (var looks = 0; looks < 30; looks++)
            {
                Assert.Equal(ListenerState.Absent, lookup.Look());
            }

            using var listener = new TcpListener(listening, port);
            listener.Start();
            var seen = Enumerable.Range(0, 10).Select(_ => lookup.Look()).ToList();
            Assert.Contains(ListenerState.Present, seen);
            Assert.Equal(SocketTable.Read(Environment.ProcessId)!.Single(socket => socket.EndPoint.Port == port), lookup.Found);
        }

        Assert.Equal(ListenerState.Unreadable, new ListenerLookup(int.MaxValue, new IPEndPoint(IPAddress.Loopback, 1)).Look());
    }

    [Fact]
    public void Sockets_are_counted()
    {
        const string sockstat = "sockets: used 47\nTCP: inuse 12 orphan 0 tw 2 alloc 14 mem 19\nUDP: inuse 3 mem 0\n";
        Assert.Equal(12, SocketCounts.Parse(sockstat, "TCP: inuse "));
        Assert.Equal(2, SocketCounts.Parse("TCP6: inuse 2\nUDP6: inuse 0\n", "TCP6: inuse "));
        Assert.Equal(2, SocketCounts.Parse("TCP6: inuse 2", "TCP6: inuse "));
        Assert.Null(SocketCounts.Parse(sockstat, "TCP6: inuse "));
    }

    [Theory]
    [InlineData("0: 0100007F:0539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242", false)]
    [InlineData("0: 0100007F:0539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 ", true)]
    [InlineData("0: 0100007F:0539 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1", true)]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode", false)]
    public void A_line_that_is_cut_off_counts_once_its_inode_is_whole(string line, bool whole) =>
        Assert.Equal(whole, SocketTable.TryParseLine(line, out _, out _));

    [Fact]
    public void A_process_name_may_hold_anything()
    {
        const string line = "4242 (a) R (b c) S 1 4240 4240 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 2 3 4";
        Assert.True(ProcessTable.TryParse(line, out var stat));
        Assert.Equal(new ProcessStat(4242, 'S', 4240, 1, 987654), stat);
        Assert.True(stat with { State = 'Z' } is { IsDead: true });
        Assert.True(stat with { State = 'Z', Threads = 2 } is { IsDead: false });
    }

    [Theory]
    [InlineData("")]
    [InlineData("4242")]
    [InlineData("4242 (x")]
    [InlineData("4242 (x) S 1 2")]
    [InlineData("pid (x) S 1 4240 4240 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 2")]
    public void What_is_no_process_line_is_refused(string line) => Assert.False(ProcessTable.TryParse(line, out _));
}
