using System.Net;
using System.Net.Sockets;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>A node that may not open any more files.</summary>
public sealed class OpenFilesTests(ITestOutputHelper output) : NodeTest(output)
{
    private const int Limit = 400;
    private const int Reserve = Limit / 4;

    [Fact]
    public async Task Silent_clients_give_way_before_the_limit()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Gateway["preambleTimeout"] = "00:10:00";
        var process = Home.Start("/bin/sh", ["-c", $"ulimit -n {Limit}; exec \"$@\"", "sh", NodeHome.Instancer, "serve", "--verbose", "--config", Home.WriteConfiguration()]);
        var node = await TestNode.AnnouncedAsync(process, Home);
        var pid = await node.AskOnceAsync(Home.Token, 1, Backend.Pid);
        var (session, _) = await node.AskAsync(Home.Token, 1, Backend.Echo + "\nhello");

        // The kernel completes these connections whether or not the node accepts them. None of them says anything.
        List<RawSocket> silent = [];
        for (var i = 0; i < Limit; i++)
        {
            silent.Add(await node.ConnectAsync());
        }

        await process.LineAsync("pwn accepts no clients for now");

        // The last were accepted when the first, silent for a second, had given way. With nobody waiting nobody has to, and nothing is done.
        await Until.TrueAsync(async () => await node.AskOnceAsync(Home.Token, 1, Backend.Pid) == pid, stated: "who speaks is served beside them");
        await UsesLittleAsync(() => process.CpuTime);
        Assert.InRange(OpenFiles(process.Id), 1, Limit - Reserve);

        // What is kept from clients is there for everything else: sessions, files, the admin endpoint, new threads.
        Assert.Equal("still here", await session.AskAsync("still here"));
        var other = Home.NewToken();
        await process.LineAsync("Accepting 2 tokens");
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync("/readyz"));

        // Those who were let stay are served when they speak at last.
        var served = 0;
        foreach (var client in silent)
        {
            served += await IsServedAsync(client, other) ? 1 : 0;
            Assert.InRange(OpenFiles(process.Id), 1, Limit - (Reserve / 2));
            client.Dispose();
        }

        Assert.InRange(served, Limit / 10, Limit - 1);
        Assert.Equal(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        session.Dispose();
        await node.StopAsync();
    }

    // False if it has given way: the end came before, or the bytes that nobody reads any more make it a reset.
    private static async Task<bool> IsServedAsync(RawSocket client, TestToken token)
    {
        try
        {
            await client.SendAsync((byte[])[.. token.Preamble(1), .. "pid\n"u8]);
            await client.ReceiveLineAsync();
            return true;
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            return false;
        }
    }

    private static int OpenFiles(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    // A rate takes a span of time to be measured in; nothing is waited for.
    private static async Task UsesLittleAsync(Func<TimeSpan> cpuTime)
    {
        var span = TimeSpan.FromSeconds(2);
        var before = cpuTime();
        await Task.Delay(span, TimeProvider.System);
        var used = cpuTime() - before;
        Assert.True(used < span / 2, $"used {used} in {span}");
    }
}
