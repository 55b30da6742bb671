using System.Net;
using System.Text;
using Instancer.Gateway.Commands;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Commands;

public sealed class SampleChallengeTests : IDisposable
{
    private readonly SampleChallenge _sample = SampleChallenge.Listen(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly Thread _serving;

    public SampleChallengeTests()
    {
        _serving = new Thread(_sample.Serve) { IsBackground = true };
        _serving.Start();
    }

    public void Dispose()
    {
        _sample.Dispose();
        Assert.True(_serving.Join(RawSocket.Deadline));
    }

    [Fact]
    public async Task Lines_are_reversed_and_counted_over_all_sessions()
    {
        using var first = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
        using var second = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
        Assert.Equal("1 cba\n2 fed\n", await AskAsync(first, "abc\ndef\n", 12));
        Assert.Equal("3 \n", await AskAsync(second, "\n", 3));
        Assert.Equal("4 x\n", await AskAsync(first, "x\n", 4));
    }

    [Fact]
    public async Task A_line_in_pieces_is_one_line()
    {
        using var client = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
        foreach (var b in "pieces\r\n"u8.ToArray())
        {
            await client.SendAsync(new[] { b });
        }

        Assert.Equal("1 seceip\n", Encoding.UTF8.GetString(await client.ReceiveAsync(9)));
    }

    [Fact]
    public async Task The_answers_still_come_after_the_client_ended_its_side_and_then_the_end()
    {
        using var client = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
        await client.SendAsync("one\ntwo"u8.ToArray());
        client.EndSending();
        Assert.Equal("1 eno\n2 owt\n", Encoding.UTF8.GetString(await client.ReceiveToEndAsync()));
    }

    [Fact]
    public async Task A_line_beyond_the_bound_is_answered_in_pieces()
    {
        using var client = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
        await client.SendAsync(Encoding.ASCII.GetBytes(new string('a', SampleChallenge.LongestLine) + "b\n"));
        client.EndSending();
        Assert.Equal($"1 {new string('a', SampleChallenge.LongestLine)}\n2 b\n", Encoding.ASCII.GetString(await client.ReceiveToEndAsync()));
    }

    [Fact]
    public async Task A_client_that_resets_is_no_matter_for_the_others()
    {
        using var other = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
        for (var i = 0; i < 20; i++)
        {
            var client = await RawSocket.ConnectAsync(_sample.LocalEndPoint);
            await client.SendAsync("half"u8.ToArray());
            client.Reset();
        }

        Assert.Equal("1 ko\n", await AskAsync(other, "ok\n", 5));
    }

    [Theory]
    [InlineData("Zoë €𝄞", "𝄞€ ëoZ")]
    [InlineData("", "")]
    [InlineData("a", "a")]
    public void Characters_of_several_bytes_stay_whole(string line, string reversed) =>
        Assert.Equal($"12 {reversed}\n", Encoding.UTF8.GetString(ReversedLine.Of(12, Encoding.UTF8.GetBytes(line))));

    [Fact]
    public void Bytes_that_are_no_text_all_come_back()
    {
        byte[] line = [0x80, 0x81, 0xC3, 0xFF, 0x80];
        var answer = ReversedLine.Of(1, line);
        Assert.Equal(line.Order(), answer[2..^1].Order());
    }

    private static async Task<string> AskAsync(RawSocket client, string lines, int count)
    {
        await client.SendAsync(Encoding.UTF8.GetBytes(lines));
        return Encoding.UTF8.GetString(await client.ReceiveAsync(count));
    }
}
