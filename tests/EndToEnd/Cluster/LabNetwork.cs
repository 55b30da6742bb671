using System.Diagnostics;
using System.Globalization;
using System.Net;
using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Cluster;

/// <summary>Network namespaces as hosts on one switch, and what can go wrong with their cables. Linux, root.</summary>
internal sealed class LabNetwork : IAsyncDisposable
{
    /// <summary>Where the store's members are.</summary>
    public const string Store = "store";

    private const string Prefix = "instancer-lab-";
    private const string Namespaces = "/run/netns";
    private const int Taken = 3;

    private readonly string _name;
    private readonly int _number;

    private LabNetwork(string name, int number) => (_name, _number) = (name, number);

    /// <summary>The hosts that have nodes; the last number of a host's address is its place here, from 1.</summary>
    public static IReadOnlyList<string> Hosts { get; } = ["h1", "h2", "h3"];

    /// <summary>Where each member of the store listens.</summary>
    public IReadOnlyList<IPAddress> StoreAddresses => [Address(11), Address(12), Address(13)];

    /// <summary>Makes the namespaces.</summary>
    public static async Task<LabNetwork> StartAsync()
    {
        await SweepAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}");
        while (true)
        {
            var network = new LabNetwork(name, Random.Shared.Next(256));
            string[] words = [name, network._number.ToString(CultureInfo.InvariantCulture), "h1=1", "h2=2", "h3=3", $"{Store}=11,12,13"];
            if (await RunAsync(Script("lab-up.sh"), words, Taken) == 0)
            {
                return network;
            }
        }
    }

    public IPAddress AddressOf(string host) => Address(1 + Hosts.ToList().IndexOf(host));

    /// <summary>The words in front of a command that make it run on a host.</summary>
    public string[] Enter(string host) => ["nsenter", $"--net={Namespaces}/{_name}-{host}"];

    /// <summary>As <see cref="Enter"/>, with mounts and a host name of its own: what a dockerd or a node needs to believe in.</summary>
    public string[] Inhabit(string host) =>
        [.. Enter(host), "unshare", "--mount", "--uts", "sh", "-c", "hostname \"$0\" && exec \"$@\"", host];

    /// <summary>Pulls a host's cable: what is sent is lost, in silence.</summary>
    public Task UnplugAsync(string host) => RunAsync("ip", ["-n", $"{_name}-switch", "link", "set", host, "down"]);

    public Task PlugInAsync(string host) => RunAsync("ip", ["-n", $"{_name}-switch", "link", "set", host, "up"]);

    /// <summary>Nothing passes between two hosts any more, one of which may be <see cref="Store"/>; both reach everybody else.</summary>
    public async Task CutAsync(string one, string other)
    {
        await DropAsync(at: one, from: other);
        await DropAsync(at: other, from: one);
    }

    /// <summary>Takes back every cut, and plugs in every cable.</summary>
    public async Task MendAsync()
    {
        foreach (var host in Hosts.Append(Store))
        {
            await PlugInAsync(host);
            await RulesAsync(host, "-F", "INPUT");
        }
    }

    public async ValueTask DisposeAsync() => await RunAsync(Script("lab-down.sh"), [_name]);

    private Task<int> DropAsync(string at, string from)
    {
        var sources = from == Store ? string.Join(',', StoreAddresses) : AddressOf(from).ToString();
        return RulesAsync(at, "-A", "INPUT", "-s", sources, "-j", "DROP");
    }

    private Task<int> RulesAsync(string host, params string[] words)
    {
        string[] all = [.. Enter(host), "iptables", "-w", .. words];
        return RunAsync(all[0], all[1..]);
    }

    private IPAddress Address(int last) => new([198, 18, (byte)_number, (byte)last]);

    // A test process that was killed leaves its laboratory behind.
    private static async Task SweepAsync()
    {
        var names = Directory.Exists(Namespaces) ? Directory.GetFiles(Namespaces, Prefix + "*").Select(Path.GetFileName) : [];
        foreach (var owner in names.Select(name => name![Prefix.Length..].Split('-')[0]).Distinct().Where(owner => !Directory.Exists("/proc/" + owner)))
        {
            await RunAsync(Script("lab-down.sh"), [Prefix + owner]);
        }
    }

    private static string Script(string name) => Path.Combine(Repository.Root, "tests", "EndToEnd", "Cluster", "scripts", name);

    private static async Task<int> RunAsync(string file, string[] words, int alsoFine = 0)
    {
        using var process = Process.Start(new ProcessStartInfo(file, words) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 || process.ExitCode == alsoFine
            ? process.ExitCode
            : throw new InvalidOperationException($"{file} {string.Join(' ', words)}: exit code {process.ExitCode}\n{error}");
    }
}
