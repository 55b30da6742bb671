using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>
/// The node is killed at random points of its work, again and again: clients find the containers that they had, and nothing is left that
/// nobody has.
/// </summary>
public sealed class KillRoundsTests : EngineNodeTest
{
    private const int OrdinaryRounds = 10;
    private const int Players = 4;

    private readonly ITestOutputHelper _output;
    private readonly Random _random;
    private readonly List<KillRoundsPlayer> _players = [];
    private readonly ConcurrentDictionary<string, string> _owners = new(StringComparer.Ordinal);
    private readonly bool _isOnNetwork;

    public KillRoundsTests(ITestOutputHelper output, DockerEngineFixture fixture)
        : base(output, fixture)
    {
        _output = output;
        var seed = FromEnvironment("INSTANCER_KILL_SEED") ?? Random.Shared.Next();
        output.WriteLine($"INSTANCER_KILL_SEED={seed}");
        _random = new Random(seed);
        var challenge = Challenges.Docker();

        // Each session begins with the container's own name.
        challenge["command"] = new JsonArray("/bin/nc", "-ll", "-p", TestImages.Port.ToString(CultureInfo.InvariantCulture), "-e", "/bin/cat", "/etc/hostname");
        _isOnNetwork = _random.Next(2) == 0;
        challenge["address"] = _isOnNetwork ? "bridge" : "namespace";
        challenge["warm"] = _random.Next(3);
        Home.Serve("pwn", challenge, ports: 40);
        for (var player = 0; player < Players; player++)
        {
            _players.Add(new KillRoundsPlayer(Home.NewToken(), new Random(_random.Next()), _owners));
        }
    }

    /// <summary>INSTANCER_KILL_ROUNDS=N plays more rounds, INSTANCER_KILL_SEED=N makes the same choices again.</summary>
    [EngineFact]
    public async Task Killed_at_random_points_nothing_is_lost_and_nothing_is_left()
    {
        for (var round = FromEnvironment("INSTANCER_KILL_ROUNDS") ?? OrdinaryRounds; round > 0; round--)
        {
            if (_random.Next(4) == 0)
            {
                // In the midst of its own start.
                var starting = Home.StartNode();
                await RandomTimeAsync(700);
                await starting.KillAsync();
                continue;
            }

            var node = await StartAsync();
            var playing = _players.ConvertAll(player => player.PlayAsync(node));
            await RandomTimeAsync(3000);
            _players.ForEach(player => player.ExpectKill());
            await node.Process.KillAsync();
            await Task.WhenAll(playing);
        }

        var last = await StartAsync();
        foreach (var player in _players)
        {
            await player.FindAllAsync(last);
        }

        _output.WriteLine($"{_players.Sum(player => player.Served)} sessions, {_players.Sum(player => player.Known)} instances known at the end");
        await Until.TrueAsync(async () => await IsOneForEachAsync(last), stated: "there is one container for each instance, and no other");
        var networks = (JsonArray)(await Engine.SendAsync(HttpMethod.Get, "networks"))!;
        Assert.Equal(_isOnNetwork ? 1 : 0, networks.Count(network => ((string)network!["Name"]!).Contains(Home.Name, StringComparison.Ordinal)));
        await last.StopInstancesAsync();
        // Spares are started again, and go with the node.
        await last.StopAsync();
        Assert.Empty(await ContainersAsync());
    }

    private async Task<bool> IsOneForEachAsync(TestNode node)
    {
        // By name: the labels of one that was a spare are those of its stand-in.
        var containers = (await Engine.ContainersAsync("instancer.node=" + Home.Name))
            .Select(container => ((string)container!["Names"]![0]!).Split('-'))
            .Select(words => $"pwn/{words[^2]}/{words[^1]}");
        var instances = (await node.InstancesAsync()).Select(instance => (string)instance["key"]!);
        return containers.Order(StringComparer.Ordinal).SequenceEqual(instances.Order(StringComparer.Ordinal));
    }

    // The moment is the point: nothing is awaited.
    private Task RandomTimeAsync(int mostMilliseconds) => Task.Delay(TimeSpan.FromMilliseconds(_random.Next(mostMilliseconds)), TimeProvider.System);

    private static int? FromEnvironment(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}

/// <summary>One token's clients: they connect, reset and stop, and remember in which container each identifier was served last.</summary>
/// <param name="token">The token.</param>
/// <param name="random">What decides.</param>
/// <param name="owners">Whose each container is that any player has met.</param>
internal sealed class KillRoundsPlayer(TestToken token, Random random, ConcurrentDictionary<string, string> owners)
{
    private const int Identifiers = 3;

    private readonly Dictionary<int, string> _containers = [];
    private volatile bool _killExpected;

    /// <summary>How many sessions were served.</summary>
    public int Served { get; private set; }

    /// <summary>For how many identifiers it is known which container must be met.</summary>
    public int Known => _containers.Count;

    /// <summary>From now on a session may be lost.</summary>
    public void ExpectKill() => _killExpected = true;

    /// <summary>Plays until the node is killed.</summary>
    public async Task PlayAsync(TestNode node)
    {
        _killExpected = false;
        try
        {
            while (true)
            {
                await StepAsync(node);
            }
        }
        catch (Exception e) when (_killExpected && e is SocketException or InvalidOperationException or HttpRequestException or IOException)
        {
            // The step that the kill cut off has said what it may have changed.
            return;
        }
    }

    /// <summary>Each identifier meets the container it met before.</summary>
    public async Task FindAllAsync(TestNode node)
    {
        foreach (var identifier in _containers.Keys.ToList())
        {
            await ConnectAsync(node, identifier);
        }
    }

    private async Task StepAsync(TestNode node)
    {
        var identifier = random.Next(1, Identifiers + 1);
        switch (random.Next(60))
        {
            case 0:
                _containers.Clear();
                await ConnectAsync(node, 0);
                break;
            case < 3:
                _containers.Remove(identifier);
                await node.StopInstanceAsync($"pwn/{token.Hash}/{identifier}");
                break;
            case < 8:
                // Goes away before it is served.
                (await node.ConnectAsync(token, identifier)).Reset();
                break;
            default:
                await ConnectAsync(node, identifier);
                break;
        }
    }

    private async Task ConnectAsync(TestNode node, int identifier)
    {
        using var client = await node.ConnectAsync(token, identifier);
        var container = await client.ReceiveLineAsync();
        Assert.Equal(_containers.GetValueOrDefault(identifier, container), container);
        var owner = $"{token.Hash}/{identifier}";
        Assert.Equal(owner, owners.GetOrAdd(container, owner));
        Served++;
        if (identifier != 0 && !_containers.ContainsKey(identifier))
        {
            // Whoever comes as 0 asks for a fresh one; and one that was a spare is kept from when the node says that its start is over.
            await Until.TrueAsync(async () => (await node.InstancesAsync()).Any(instance => IsKept(instance, identifier)), stated: "the instance is kept");
            _containers[identifier] = container;
        }
    }

    private bool IsKept(JsonNode instance, int identifier) =>
        (string)instance["key"]! == $"pwn/{token.Hash}/{identifier}" && (string)instance["state"]! is "ready" or "idle";
}
