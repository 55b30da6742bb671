using System.Net;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;

namespace Instancer.EndToEnd.Cluster;

/// <summary>The laboratory itself: its faults do what they say, and no more.</summary>
[Collection(HostCollection.Name)]
public sealed class HostLabTests(HostLab lab) : IAsyncLifetime
{
    private readonly List<ChildProcess> _listeners = [];

    private LabNetwork Network => lab.Network;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        await Network.MendAsync();
    }

    [HostsFact]
    public async Task A_cut_parts_two_hosts_and_nobody_else()
    {
        await ListenAsync();
        await ReachesAsync("h1", "h2", "h3");
        await Network.CutAsync("h1", "h2");
        await ReachesAsync("h1", "h3");
        await ReachesAsync("h2", "h3");
        await ReachesAsync("h3", "h1", "h2");
        Assert.True(await ReachesStoreAsync("h1"));
        Assert.True(await ReachesStoreAsync("h2"));
        await Network.MendAsync();
        await ReachesAsync("h1", "h2", "h3");
        await ReachesAsync("h2", "h1", "h3");
    }

    [HostsFact]
    public async Task A_cut_to_the_store_leaves_the_hosts_to_each_other()
    {
        await ListenAsync();
        await Network.CutAsync("h1", LabNetwork.Store);
        Assert.False(await ReachesStoreAsync("h1"));
        Assert.True(await ReachesStoreAsync("h2"));
        await ReachesAsync("h1", "h2", "h3");
        await ReachesAsync("h2", "h1", "h3");
        await Network.MendAsync();
        Assert.True(await ReachesStoreAsync("h1"));
    }

    [HostsFact]
    public async Task A_host_without_its_cable_reaches_nobody()
    {
        await ListenAsync();
        await Network.UnplugAsync("h1");
        await ReachesAsync("h1");
        await ReachesAsync("h2", "h3");
        Assert.False(await ReachesStoreAsync("h1"));
        await Network.PlugInAsync("h1");

        // The kernel takes its time to believe in the cable.
        await Until.TrueAsync(async () => (await ReachedAsync("h1")).SequenceEqual(["h2", "h3"]), stated: "the host without a cable is back");
    }

    [HostsFact]
    public async Task Each_engine_is_its_hosts_own()
    {
        foreach (var host in lab.Hosts)
        {
            var info = await host.Engine.SendAsync(HttpMethod.Get, "info");
            Assert.Equal(host.Name, (string?)info!["Name"]);
        }

        Assert.Equal(3, lab.Hosts.Select(host => host.Engine.Host).Distinct().Count());
    }

    [HostsFact]
    public async Task The_store_leads_on_when_a_member_is_killed()
    {
        var killed = await lab.Store.LeaderAsync();
        await lab.Store.KillAsync(killed);
        Assert.NotEqual(killed, await lab.Store.LeaderAsync());
        await lab.Store.StartAgainAsync(killed);
    }

    private async Task ListenAsync()
    {
        foreach (var host in lab.Hosts)
        {
            var listener = Run(host.Name, "nc", "-ll", "-p", "7000", "-e", "echo", host.Name);
            await Until.TrueAsync(async () => await SaysAsync(host.Name, host.Address, 7000) == host.Name, stated: $"{host.Name} listens");
            _listeners.Add(listener);
        }
    }

    private async Task ReachesAsync(string from, params string[] expected) => Assert.Equal(expected, await ReachedAsync(from));

    private async Task<IEnumerable<string>> ReachedAsync(string from)
    {
        var others = lab.Hosts.Where(host => host.Name != from).ToList();
        var answers = await Task.WhenAll(others.Select(host => SaysAsync(from, host.Address, 7000)));
        return answers.Where(answer => answer.Length > 0);
    }

    private async Task<bool> ReachesStoreAsync(string from)
    {
        var heads = await Task.WhenAll(Network.StoreAddresses.Select(address => SaysAsync(from, address, 2379)));
        return heads.Distinct().Single().StartsWith("HTTP/1", StringComparison.Ordinal);
    }

    // What is heard within a second; empty for nothing.
    private async Task<string> SaysAsync(string from, IPAddress address, int port)
    {
        await using var client = Run(from, "sh", "-c", "printf 'GET /health HTTP/1.0\\r\\n\\r\\n' | busybox nc -w 1 \"$0\" \"$1\"", address.ToString(), $"{port}");
        await client.ExitAsync();
        return client.Output.FirstOrDefault() ?? "";
    }

    private ChildProcess Run(string host, params string[] words)
    {
        string[] all = [.. Network.Enter(host), "busybox", .. words];
        return ChildProcess.Start(all[0], all[1..], Path.GetTempPath(), []);
    }
}
