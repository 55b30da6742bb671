using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>Clients of containers that have no network at all.</summary>
public sealed class NamespaceTests : EngineNodeTest
{
    private const string Useless = "may not enter network namespaces: Operation not permitted";

    public NamespaceTests(ITestOutputHelper output, DockerEngineFixture fixture)
        : base(output, fixture)
    {
        var challenge = Challenges.Docker();
        challenge["address"] = "namespace";
        Home.Serve("pwn", challenge, ports: 10);
    }

    [EngineFact]
    public async Task A_client_and_its_container_talk_though_the_container_has_no_network()
    {
        var killed = await StartAsync();
        var (client, answer) = await killed.AskAsync(Home.Token, 1, "hello");
        Assert.Equal("1 olleh", answer);
        client.EndSending();
        await client.ExpectEndAsync();
        client.Dispose();
        Assert.Equal("none", await NetworkModeAsync());
        await killed.Process.KillAsync();

        // The next node dials the same container.
        var node = await StartAsync();
        var (second, again) = await node.AskAsync(Home.Token, 1, "world");
        Assert.Equal("2 dlrow", again);

        await Engine.KillAsync(Assert.Single(await ContainersAsync()));
        await second.ExpectGoneAsync();
        await node.InstancesAreAsync(all => all.Count == 0, "the killed container's instance is gone");
        Assert.Equal("1 niaga", await node.AskOnceAsync(Home.Token, 1, "again"));
    }

    [EngineFact]
    public async Task Clients_at_once_share_the_one_thread_that_dials()
    {
        var node = await StartAsync();
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.AskOnceAsync(Home.Token, 1, "x")));
        Assert.Equal(Enumerable.Range(2, 8), answers.Select(answer => int.Parse(answer[..^2], System.Globalization.CultureInfo.InvariantCulture)).Order());
    }

    [EngineFact]
    public async Task Check_says_that_it_works()
    {
        var check = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(0, check.ExitCode);
        Assert.Contains("address auto is namespace: ", check.Output, StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task Without_the_right_to_it_one_line_says_so_and_clients_are_served_all_the_same()
    {
        var check = await Home.RunAsync("setpriv", Incapable("check"), mayShowToken: false);
        Assert.Equal(0, check.ExitCode);
        Assert.Contains("address auto is bridge: ", check.Output, StringComparison.Ordinal);
        Assert.Contains(Useless, check.Output, StringComparison.Ordinal);

        var node = await TestNode.AnnouncedAsync(Home.Start("setpriv", Incapable("serve")), Home);
        Assert.Equal("1 olleh", await node.AskOnceAsync(Home.Token, 1, "hello"));
        Assert.Equal("1 dlrow", await node.AskOnceAsync(Home.Token, 2, "world"));
        Assert.Equal("instancer-" + Home.Name, await NetworkModeAsync());
        var line = Assert.Single(node.Process.Lines, text => text.Contains("\"namespace\" does not work here", StringComparison.Ordinal));
        Assert.Contains(Useless, line, StringComparison.Ordinal);
        await node.StopInstancesAsync();
        await node.StopAsync();
    }

    [EngineFact]
    public async Task Without_the_right_to_look_at_the_processes_of_others_one_line_says_so()
    {
        var check = await Home.RunAsync("setpriv", Incapable("check", "sys_ptrace"), mayShowToken: false);
        Assert.Equal(0, check.ExitCode);
        Assert.Contains("address auto is bridge: ", check.Output, StringComparison.Ordinal);
        Assert.Contains("it has no CAP_SYS_PTRACE", check.Output, StringComparison.Ordinal);
    }

    private string[] Incapable(string command, string capability = "sys_admin") =>
        ["--bounding-set=-" + capability, NodeHome.Instancer, command, "--config", Home.WriteConfiguration()];

    private async Task<string?> NetworkModeAsync()
    {
        var container = await Engine.InspectAsync((await ContainersAsync())[0]);
        return (string?)container!["HostConfig"]!["NetworkMode"];
    }
}
