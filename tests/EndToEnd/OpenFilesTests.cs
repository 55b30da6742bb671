using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>A node that may not open any more files.</summary>
public sealed class OpenFilesTests(ITestOutputHelper output) : NodeTest(output)
{
    private const int Limit = 300;

    [Fact]
    public async Task Accepting_pauses_at_the_limit_and_resumes()
    {
        Home.Serve("pwn", Challenges.Backend(), ports: 10);
        Home.Gateway["preambleTimeout"] = "00:10:00";
        var process = Home.Start("/bin/sh", ["-c", $"ulimit -n {Limit}; exec \"$@\"", "sh", NodeHome.Instancer, "serve", "--verbose", "--config", Home.WriteConfiguration()]);
        var node = await TestNode.AnnouncedAsync(process, Home);
        var (session, pid) = await node.AskAsync(Home.Token, 1, Backend.Pid);

        // The kernel completes these connections whether or not the node accepts them.
        List<RawSocket> silent = [];
        for (var i = 0; i < Limit; i++)
        {
            silent.Add(await node.ConnectAsync());
        }

        await process.LineAsync("pwn accepts no clients for now");
        var waiting = await node.ConnectAsync(Home.Token);
        await waiting.SendAsync("pid\n"u8.ToArray());
        await UsesLittleAsync(() => process.CpuTime);
        Assert.False(process.HasExited);

        silent.ForEach(client => client.Dispose());
        await process.LineAsync("pwn accepts clients again");
        Assert.Equal(pid, await waiting.ReceiveLineAsync());
        Assert.Equal(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid));
        session.Dispose();
        waiting.Dispose();
        await node.StopAsync();
    }

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
