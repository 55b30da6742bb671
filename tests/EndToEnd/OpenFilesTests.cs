using System.Net;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>A node that may not open any more files.</summary>
public sealed class OpenFilesTests(ITestOutputHelper output) : NodeTest(output)
{
    private const int Limit = 400;
    private const int Reserve = Limit / 4;

    [Fact]
    public async Task Accepting_pauses_before_the_limit_and_resumes()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Gateway["preambleTimeout"] = "00:10:00";
        var process = Home.Start("/bin/sh", ["-c", $"ulimit -n {Limit}; exec \"$@\"", "sh", NodeHome.Instancer, "serve", "--verbose", "--config", Home.WriteConfiguration()]);
        var node = await TestNode.AnnouncedAsync(process, Home);
        var pid = await node.AskOnceAsync(Home.Token, 1, Backend.Pid);
        var (session, _) = await node.AskAsync(Home.Token, 1, Backend.Echo + "\nhello");

        // The kernel completes these connections whether or not the node accepts them.
        List<RawSocket> clients = [];
        for (var i = 0; i < Limit; i++)
        {
            clients.Add(await node.ConnectAsync());
        }

        await process.LineAsync("pwn accepts no clients for now");
        await UsesLittleAsync(() => process.CpuTime);
        Assert.InRange(OpenFiles(process.Id), 1, Limit - Reserve);

        // What is kept from clients is there for everything else: sessions, files, the admin endpoint, new threads.
        Assert.Equal("still here", await session.AskAsync("still here"));
        var other = Home.NewToken();
        await process.LineAsync("Accepting 2 tokens");
        Assert.Equal(HttpStatusCode.OK, await node.StatusAsync("/readyz"));

        // Those who were accepted are all served, and after them those who waited.
        foreach (var client in clients)
        {
            await client.SendAsync((byte[])[.. other.Preamble(1), .. "pid\n"u8]);
        }

        foreach (var client in clients)
        {
            Assert.NotEqual(pid, await client.ReceiveLineAsync());
            Assert.InRange(OpenFiles(process.Id), 1, Limit - (Reserve / 2));
            client.Dispose();
        }

        await process.LineAsync("pwn accepts clients again");
        Assert.Equal(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        session.Dispose();
        await node.StopAsync();
    }

    private static int OpenFiles(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    // A rate takes a span of time to be measured in; nothing is waited for.
    private static async Task UsesLittleAsync(Func<TimeSpan> cpuTime)
    {
        var span = TimeSpan.FromSeconds(2);
        var before = cpuTime();
        await Task.Delay(span, TimeProvider.System);
        var used = cpuTime() - before;
        Assert.True(used < span / 4, $"used {used} in {span}");
    }
}
