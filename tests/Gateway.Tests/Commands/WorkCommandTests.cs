using System.Text;
using Instancer.Gate.Work;
using Instancer.Gateway.Tokens;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Commands;

/// <summary><c>instancer pow solve</c> and <c>instancer connect --pow</c> as processes of their own, against a raw server in the gateway's place.</summary>
public sealed class WorkCommandTests : IAsyncLifetime
{
    private static readonly WorkChallenge Challenge = new(20, new UInt128(0x0011223344556677, 0x8899aabbccddeeff));
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-pow-");
    private readonly RawBackend _gateway = new();
    private readonly byte[] _token = TokenText.New();
    private readonly List<InstancerProcess> _started = [];

    public Task InitializeAsync() => File.WriteAllBytesAsync(Path.Combine(_directory.FullName, "token"), _token);

    public async Task DisposeAsync()
    {
        foreach (var instancer in _started)
        {
            await instancer.DisposeAsync();
        }

        _gateway.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_solution_is_printed_and_the_progress_is_not_among_it(bool fromInput)
    {
        var text = WorkCodec.Text(Challenge);
        var solving = Start("pow", "solve", fromInput ? "-" : text);
        await solving.Process.StandardInput.WriteLineAsync(text);
        solving.Process.StandardInput.Close();
        var (exitCode, output, error) = await solving.EndAsync();
        Assert.Equal((0, WorkCodec.Text(Challenge.Solve()) + "\n"), (exitCode, output));
        Assert.StartsWith("proof of work of difficulty 20: solving\n", error, StringComparison.Ordinal);
        Assert.Contains("proof of work: solved in ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_challenge_is_2_and_one_line()
    {
        var (exitCode, output, error) = await InstancerProcess.RunAsync(_directory.FullName, "pow", "solve", "s.AAAA");
        Assert.Equal((2, "", "instancer: \"s.AAAA\" is not a challenge; allowed: s.DIFFICULTY.START, both in base64\n"), (exitCode, output, error));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("3601")]
    [InlineData("soon")]
    public async Task A_wait_that_is_none_is_2(string wait)
    {
        var (exitCode, _, error) = await InstancerProcess.RunAsync(_directory.FullName, "connect", "127.0.0.1:1", "--token-file", "token", "--pow", "--pow-wait", wait);
        Assert.Equal(2, exitCode);
        Assert.Equal(1, error.Count(character => character == '\n'));
    }

    [Fact]
    public async Task A_proof_of_work_is_solved_before_the_preamble_and_the_session_is_as_ever()
    {
        var client = Connect("--pow", "--pow-wait", "600");
        using var server = await _gateway.AcceptAsync();
        var question = WorkQuestion.Text(Challenge);
        await server.SendAsync(question.AsMemory(0, 20));
        await server.SendAsync(question.AsMemory(20));
        byte[] expected = [.. Encoding.ASCII.GetBytes(WorkCodec.Text(Challenge.Solve()) + "\n"), .. _token, 0, 1];
        Assert.Equal(expected, await server.ReceiveAsync(expected.Length));
        await server.SendAsync("hello\n"u8.ToArray());
        Assert.Equal("hello", await client.OutputLineAsync("hello"));
        client.Process.StandardInput.Close();
        await server.ExpectEndAsync();
        server.EndSending();
        var (exitCode, output, error) = await client.EndAsync();
        Assert.Equal((0, ""), (exitCode, output));
        Assert.Contains("proof of work: solved in ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_none_is_asked_for_the_preamble_is_sent_after_the_wait()
    {
        var client = Connect("--pow", "--pow-wait", "0.1");
        using var server = await _gateway.AcceptAsync();
        Assert.Equal((byte[])[.. _token, 0, 1], await server.ReceiveAsync(130));
        server.EndSending();
        client.Process.StandardInput.Close();
        Assert.Equal((0, "", ""), await client.EndAsync());
    }

    [Fact]
    public async Task Something_else_than_a_question_is_1_and_one_line()
    {
        var client = Connect("--pow");
        using var server = await _gateway.AcceptAsync();
        await server.SendAsync("welcome\n"u8.ToArray());
        server.EndSending();
        await server.ExpectEndAsync();
        Assert.Equal(
            (1, "", $"instancer: 127.0.0.1:{_gateway.EndPoint.Port}: it was to ask for a proof of work, but said something else; try without --pow\n"), await client.EndAsync());
    }

    [Fact]
    public async Task Whoever_is_asked_unprepared_is_told_what_to_do()
    {
        var client = Connect();
        using var server = await _gateway.AcceptAsync();
        await server.ReceiveAsync(130);
        await server.SendAsync(WorkQuestion.Text(Challenge));
        server.EndSending();
        client.Process.StandardInput.Close();
        Assert.Equal((0, Encoding.ASCII.GetString(WorkQuestion.Text(Challenge)), "instancer: a proof of work is asked for; with --pow it is solved\n"), await client.EndAsync());
    }

    private InstancerProcess Connect(params string[] words) => Start(["connect", $"127.0.0.1:{_gateway.EndPoint.Port}", "--token-file", "token", .. words]);

    private InstancerProcess Start(params string[] words)
    {
        var instancer = InstancerProcess.Start(_directory.FullName, words);
        _started.Add(instancer);
        return instancer;
    }
}
