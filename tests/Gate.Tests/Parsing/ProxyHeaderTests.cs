using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Parsing;

namespace Instancer.Gate.Tests.Parsing;

public sealed class ProxyHeaderTests
{
    private static readonly IPEndPoint Here = IPEndPoint.Parse("198.51.100.1:443");

    private static Gen<IPEndPoint> EndPoints =>
        from length in Gen.Elements(4, 16)
        from bytes in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length)
        from port in Gen.Choose(0, ushort.MaxValue)
        select new IPEndPoint(new IPAddress(bytes), port);

    [Fact]
    public void What_was_written_is_read_back_and_not_a_byte_behind_it() =>
        Prop.ForAll(EndPoints.ToArbitrary(), EndPoints.ToArbitrary(), ArbMap.Default.ArbFor<byte[]>(), (source, destination, behind) =>
        {
            var header = ProxyHeader.Write(source, destination);
            return ProxyHeader.Read([.. header, .. behind]) == new ProxyHeaderStep.Complete(header.Length, Folded(source));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_line_is_read_back_and_not_a_byte_behind_it() =>
        Prop.ForAll(EndPoints.ToArbitrary(), EndPoints.ToArbitrary(), ArbMap.Default.ArbFor<byte[]>(), (source, destination, behind) =>
        {
            var same = source.AddressFamily == destination.AddressFamily;
            var (from, to) = same ? (source.Address, destination.Address) : (source.Address.MapToIPv6(), destination.Address.MapToIPv6());
            var header = Bytes($"PROXY {(from.GetAddressBytes().Length == 4 ? "TCP4" : "TCP6")} {from} {to} {source.Port} {destination.Port}\r\n");
            return ProxyHeader.Read([.. header, .. behind]) == new ProxyHeaderStep.Complete(header.Length, Folded(source));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Split_anywhere_it_asks_for_no_more_than_is_missing()
    {
        foreach (var header in (byte[][])[ProxyHeader.Write(Here, Here), Line("TCP4 192.0.2.1 192.0.2.2 1 22"), Line("UNKNOWN"), Line("UNKNOWN and whatever")])
        {
            for (var i = 0; i < header.Length; i++)
            {
                var more = Assert.IsType<ProxyHeaderStep.More>(ProxyHeader.Read(header.AsSpan(0, i)));
                Assert.InRange(more.Count, 1, header.Length - i);
            }

            Assert.Equal(header.Length, Assert.IsType<ProxyHeaderStep.Complete>(ProxyHeader.Read(header)).Length);
        }
    }

    [Fact]
    public void A_binary_header_takes_three_reads()
    {
        var header = ProxyHeader.Write(Here, Here);

        Assert.Equal(new ProxyHeaderStep.More(15), ProxyHeader.Read([]));
        Assert.Equal(new ProxyHeaderStep.More(1), ProxyHeader.Read(header.AsSpan(0, 15)));
        Assert.Equal(new ProxyHeaderStep.More(12), ProxyHeader.Read(header.AsSpan(0, 16)));
    }

    [Theory]
    [InlineData("TCP4 192.0.2.1 198.51.100.2 56324 443", "192.0.2.1:56324")]
    [InlineData("TCP4 255.255.255.255 0.0.0.0 65535 0", "255.255.255.255:65535")]
    [InlineData("TCP6 2001:db8::1 2001:DB8:0:0:0:0:0:2 1 2", "[2001:db8::1]:1")]
    [InlineData("TCP6 ::ffff:192.0.2.1 ::1 1 2", "192.0.2.1:1")]
    [InlineData("TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535")]
    [InlineData("UNKNOWN", null)]
    [InlineData("UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535", null)]
    public void A_line_names_the_source(string line, string? source) =>
        Assert.Equal(source, Assert.IsType<ProxyHeaderStep.Complete>(ProxyHeader.Read(Line(line))).Source?.ToString());

    [Theory]
    [InlineData("TCP5 192.0.2.1 192.0.2.2 1 2")]
    [InlineData("tcp4 192.0.2.1 192.0.2.2 1 2")]
    [InlineData("TCP4 192.0.2.1 192.0.2.2 1")]
    [InlineData("TCP4 192.0.2.1 192.0.2.2 1 2 3")]
    [InlineData("TCP4 192.0.2.1 192.0.2.2 1 2 ")]
    [InlineData("TCP4  192.0.2.1 192.0.2.2 1 2")]
    [InlineData("TCP4 192.0.2 192.0.2.2 1 2")]
    [InlineData("TCP4 192.0.2.1.1 192.0.2.2 1 2")]
    [InlineData("TCP4 192.0.2.256 192.0.2.2 1 2")]
    [InlineData("TCP4 192.0.02.1 192.0.2.2 1 2")]
    [InlineData("TCP4 0x7f.0.0.1 192.0.2.2 1 2")]
    [InlineData("TCP4 2001:db8::1 192.0.2.2 1 2")]
    [InlineData("TCP6 192.0.2.1 ::1 1 2")]
    [InlineData("TCP6 [::1] ::1 1 2")]
    [InlineData("TCP6 fe80::1%1 ::1 1 2")]
    [InlineData("TCP6 1:2:3 ::1 1 2")]
    [InlineData("TCP6 ::1 ::1 65536 2")]
    [InlineData("TCP6 ::1 ::1 +1 2")]
    [InlineData("TCP6 ::1 ::1 01 2")]
    [InlineData("TCP6 ::1 ::1 1 -2")]
    [InlineData("TCP6 ::1 ::1 1 ")]
    [InlineData("UNKNOWNS")]
    public void A_line_that_says_anything_else_is_none(string line) => Assert.IsType<ProxyHeaderStep.Invalid>(ProxyHeader.Read(Line(line)));

    [Fact]
    public void A_line_has_107_bytes_at_most()
    {
        Assert.Equal(107, Assert.IsType<ProxyHeaderStep.Complete>(ProxyHeader.Read(Line("UNKNOWN" + new string(' ', 92)))).Length);
        Assert.IsType<ProxyHeaderStep.Invalid>(ProxyHeader.Read(Line("UNKNOWN" + new string(' ', 93))));
    }

    [Fact]
    public void What_is_no_header_is_seen_from_15_bytes()
    {
        Assert.IsType<ProxyHeaderStep.Invalid>(ProxyHeader.Read(Bytes("GET / HTTP/1.1\r")));
        Assert.IsType<ProxyHeaderStep.Invalid>(ProxyHeader.Read(new byte[15]));
    }

    [Theory]
    [InlineData(0x20, 0x11, 12)]
    [InlineData(0x20, 0x00, 0)]
    [InlineData(0x21, 0x00, 0)]
    [InlineData(0x21, 0x12, 12)]
    [InlineData(0x21, 0x22, 36)]
    [InlineData(0x21, 0x31, 216)]
    [InlineData(0x21, 0x01, 5)]
    public void A_proxys_own_connection_and_what_is_not_TCP_keep_their_own_address(int command, int family, int length) =>
        Assert.Equal(new ProxyHeaderStep.Complete(16 + length, Source: null), ProxyHeader.Read(Binary(command, family, length)));

    [Theory]
    [InlineData(0x11, 0x11, 12)]
    [InlineData(0x31, 0x11, 12)]
    [InlineData(0x22, 0x11, 12)]
    [InlineData(0x21, 0x41, 12)]
    [InlineData(0x21, 0x13, 12)]
    [InlineData(0x21, 0x11, 11)]
    [InlineData(0x21, 0x21, 35)]
    [InlineData(0x21, 0x21, 0)]
    [InlineData(0x21, 0x11, 2033)]
    [InlineData(0x20, 0x00, 65535)]
    public void A_binary_header_that_says_anything_else_is_none_and_that_from_its_head(int command, int family, int length) =>
        Assert.IsType<ProxyHeaderStep.Invalid>(ProxyHeader.Read(Binary(command, family, length).AsSpan(0, 16)));

    [Fact]
    public void What_is_behind_the_addresses_belongs_to_the_header_up_to_2048_bytes() =>
        Assert.Equal(new ProxyHeaderStep.Complete(2048, new IPEndPoint(0, 0)), ProxyHeader.Read(Binary(0x21, 0x11, 2032)));

    [Fact]
    public void A_header_is_written_as_the_protocol_has_it()
    {
        byte[] signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

        Assert.Equal(
            [.. signature, 0x21, 0x11, 0, 12, 192, 0, 2, 1, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB],
            ProxyHeader.Write(IPEndPoint.Parse("192.0.2.1:56324"), IPEndPoint.Parse("[::ffff:198.51.100.1]:443")));
        Assert.Equal(
            [.. signature, 0x21, 0x21, 0, 36, .. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.Parse("::ffff:198.51.100.1").GetAddressBytes(), 0, 1, 0x01, 0xBB],
            ProxyHeader.Write(IPEndPoint.Parse("[2001:db8::1]:1"), Here));
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] Line(string line) => Bytes($"PROXY {line}\r\n");

    private static byte[] Binary(int command, int family, int length) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, (byte)command, (byte)family, (byte)(length >> 8), (byte)length, .. new byte[length]];

    private static IPEndPoint Folded(IPEndPoint endPoint) => endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;
}
