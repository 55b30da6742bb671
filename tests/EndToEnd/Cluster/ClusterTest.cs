using System.Security.Cryptography;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Cluster;

/// <summary>
/// A test with a node on each of three hosts, one cluster. At its end everything is made whole, the nodes are stopped, and nothing of theirs may be left; and
/// no client may have met two backends of one key, or have waited for ever where it need not.
/// </summary>
[Collection(HostCollection.Name)]
[Trait("hosts", "cluster")]
public abstract class ClusterTest(HostLab lab, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<LabSession> _sessions = [];

    /// <summary>How long nodes keep their places without a sign of life.</summary>
    private protected virtual TimeSpan Lease => TimeSpan.FromSeconds(5);

    private protected HostLab Lab => lab;

    private protected History History { get; } = new();

    private protected IReadOnlyList<LabNode> Nodes { get; } = [.. lab.Hosts.Select(host => new LabNode(host, lab.Network, output))];

    /// <summary>The names of the nodes through which a client may have heard nothing, because they were paused or out of reach.</summary>
    private protected HashSet<string> Silent { get; } = [];

    private protected LabNode H1 => Nodes[0];

    private protected LabNode H2 => Nodes[1];

    private protected LabNode H3 => Nodes[2];

    public async Task InitializeAsync()
    {
        var directory = H1.Home.Directory;
        var secret = Path.Combine(directory, "cluster-secret");
        await File.WriteAllTextAsync(secret, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        foreach (var node in Nodes)
        {
            node.ServeContainers();
            node.Join(lab, H1.Home.TokensFile, secret, Lease);
        }

        await lab.Store.WipeAsync("/instancer/");
    }

    public async Task DisposeAsync()
    {
        _sessions.ForEach(session => session.Dispose());
        await lab.Network.MendAsync();
        await lab.Store.StartAgainAsync();
        List<Exception> failures = [];

        // The first one's home has the files that all use.
        foreach (var node in Nodes.Reverse())
        {
            try
            {
                await node.DisposeAsync();
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        output.WriteLine($"{History.Answers.Count} answers, {History.Failures.Count} sessions that ended by themselves");
        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }

        HistoryChecker.AssertInOrder(History);
        Assert.DoesNotContain(History.Failures, failure => failure.How == LabSession.Silence && !Silent.Contains(failure.Through));
    }

    /// <summary>Keys of tokens of their own, which all nodes accept once they start.</summary>
    private protected List<LabKey> NewKeys(int count) => [.. Enumerable.Range(0, count).Select(_ => new LabKey(H1.Home.NewToken(), 1))];

    /// <summary>Starts all nodes, and waits until each has its place.</summary>
    private protected async Task StartAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.StartAsync()));
        await Task.WhenAll(Nodes.Select(node => node.ReadyAsync()));
    }

    /// <summary>A session that was answered.</summary>
    private protected async Task<LabSession> OpenAsync(LabKey key, LabNode through)
    {
        var session = Session(key, through);
        Assert.True(await session.AskAsync(), $"{key} through {through.Name}: {session.Over}");
        return session;
    }

    /// <summary>A session for each key, each answered.</summary>
    private protected async Task<LabSession[]> OpenAsync(IEnumerable<LabKey> keys, LabNode through) =>
        await Task.WhenAll(keys.Select(key => OpenAsync(key, through)).ToList());

    /// <summary>A session that asked nothing yet.</summary>
    private protected LabSession Session(LabKey key, LabNode through)
    {
        var session = new LabSession(key, through, History);
        lock (_sessions)
        {
            _sessions.Add(session);
        }

        return session;
    }

    /// <summary>Clients of the keys that come through any of the nodes until they are stopped.</summary>
    private protected Crowd Crowd(IEnumerable<LabKey> keys, params LabNode[] nodes) => new(keys, History, () => nodes);

    /// <summary>Waits until each of the keys was answered, by a backend that fits, after an instant; how long that took from then on.</summary>
    private protected async Task<TimeSpan> AnsweredAsync(IEnumerable<LabKey> keys, TimeSpan since, Func<Answer, bool> fits, string stated)
    {
        var open = keys.Select(key => key.ToString()).ToHashSet();
        await Until.TrueAsync(
            () => open.IsSubsetOf(History.Answers.Where(answer => answer.Sent > since && fits(answer)).Select(answer => answer.Key)), stated: stated);
        var took = open.Max(key => History.Answers.Where(answer => answer.Key == key && answer.Sent > since && fits(answer)).Min(answer => answer.Received)) - since;
        output.WriteLine($"{stated}: after {took.TotalSeconds:0.0} s");
        return took;
    }

    /// <summary>Waits until there is a container for each of the keys, and no other, on all hosts together.</summary>
    private protected Task OneForEachAsync(IEnumerable<LabKey> keys) => ContainersAreAsync(keys, Nodes);

    /// <summary>Waits until the containers on some hosts are those of the keys, one for each.</summary>
    private protected static Task ContainersAreAsync(IEnumerable<LabKey> keys, IEnumerable<LabNode> on)
    {
        var expected = keys.Select(key => key.ToString()).Order(StringComparer.Ordinal).ToList();
        return Until.TrueAsync(
            async () => (await Task.WhenAll(on.Select(node => node.ContainersAsync()))).SelectMany(all => all).Order(StringComparer.Ordinal).SequenceEqual(expected),
            stated: $"there are {expected.Count} containers, one for each key");
    }

    private protected static bool IsOn(Answer answer, LabNode node) => answer.Backend.StartsWith(node.Name + "/", StringComparison.Ordinal);

    private protected void Measured(string what) => output.WriteLine(what);
}
