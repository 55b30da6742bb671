using System.Globalization;
using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests.Membership;

/// <summary>Whatever happens to the nodes' ways to the store, and when: no two nodes may serve a key at the same time.</summary>
public sealed class ManyFaultsTests
{
    private const int Keys = 4;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_two_nodes_ever_own_a_key_and_in_the_end_all_is_well(bool areKeysStolen)
    {
        var found = 0;
        var served = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var run = new FaultRun(seed, areKeysStolen);
            run.Play(steps: 400);
            found += run.Conflicts;
            served += run.Served;
            Assert.True(areKeysStolen || run.Conflicts == 0, $"seed {seed}: {run.Conflicts} times two nodes owned a key");
            run.AssertAllIsWell();
        }

        Assert.True(served > 1000, $"only {served} claims were granted");
        Assert.Equal(areKeysStolen, found > 0);
    }

    /// <summary>Nodes, and what is done to them by chance.</summary>
    /// <param name="seed">What chance is made from.</param>
    /// <param name="areKeysStolen">A planted bug for the check to find: who asks for a key writes itself down as its owner.</param>
    private sealed class FaultRun(int seed, bool areKeysStolen)
    {
        private readonly Random _random = new(seed);
        private readonly ClusterLab _lab = new(seed);
        private readonly List<LabNode> _nodes = [];
        private readonly Dictionary<(LabNode Node, int Key), ITenure> _held = [];
        private readonly List<(LabNode Node, int Key, Task<KeyOwner> Claim)> _claims = [];
        private readonly List<(LabNode Node, int Key, Task Release)> _releases = [];

        public int Conflicts { get; private set; }

        public int Served { get; private set; }

        public void Play(int steps)
        {
            for (var i = 0; i < 4; i++)
            {
                Func<IKeyValueStore, IKeyValueStore>? wrap = areKeysStolen ? link => new ThievingStore(link) : null;
                _nodes.Add(_lab.Start(string.Create(CultureInfo.InvariantCulture, $"node-{i}"), new LabSettings(i + 1, Load: new(0, 100)) { Wrap = wrap }));
            }

            for (var step = 0; step < steps; step++)
            {
                Act(_nodes[_random.Next(_nodes.Count)], _random.Next(Keys));
                _lab.Advance(_random.Next(4) * 0.1);
                Look();
            }
        }

        public void AssertAllIsWell()
        {
            foreach (var node in _nodes)
            {
                node.Link.Delay = TimeSpan.Zero;
                node.Link.Set(LinkState.Up);
            }

            _lab.Advance(30);
            Look();
            Assert.Empty(_claims);
            Assert.Empty(_releases);
            Assert.All(_nodes, node => Assert.True(node.Part.HasPlace, $"seed {seed}"));
            Assert.All(_nodes, node => Assert.Equal(4, node.Part.Nodes.Count));
        }

        private void Act(LabNode node, int key)
        {
            switch (_random.Next(12))
            {
                // What is being given up is not claimed again before that has ended.
                case < 5 when !_releases.Exists(release => release.Node == node && release.Key == key):
                    _claims.Add((node, key, node.Ownership.ClaimAsync(Key(key), _random.Next(2) == 0, CancellationToken.None).AsTask()));
                    break;
                case < 8 when !_claims.Exists(claim => claim.Node == node && claim.Key == key) && _held.Remove((node, key)):
                    _releases.Add((node, key, node.Ownership.ReleaseAsync(Key(key), CancellationToken.None).AsTask()));
                    break;
                case 8:
                    node.Link.Set(_random.Next(2) == 0 ? LinkState.Silent : LinkState.Refusing);
                    break;
                case 9 or 10:
                    node.Link.Set(LinkState.Up);
                    node.Link.Delay = TimeSpan.FromSeconds(_random.Next(4) == 0 ? _random.NextDouble() * 3 : 0);
                    break;
                case 11:
                    node.Link.LoseAnswers = 1;
                    break;
            }
        }

        private void Look()
        {
            foreach (var ended in _claims.Where(claim => claim.Claim.IsCompleted).ToList())
            {
                _claims.Remove(ended);
                if (ended.Claim.Result is KeyOwner.Here here)
                {
                    Served++;
                    _held[(ended.Node, ended.Key)] = here.Tenure;
                }
            }

            _releases.RemoveAll(release => release.Release.IsCompletedSuccessfully);
            for (var key = 0; key < Keys; key++)
            {
                Conflicts += _held.Count(held => held.Key.Key == key && held.Value.Holds) > 1 ? 1 : 0;
            }
        }

        private static InstanceKey Key(int number) => new("pwn", TokenHash.Of("ann"u8), (ushort)number);
    }

    private sealed class ThievingStore(IKeyValueStore store) : ChangedStore(store)
    {
        public override Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken) =>
            base.CommitAsync(transaction.Then is [StoreOperation.Put { Key: var key }, ..] && key.StartsWith(ClusterKeys.Instances, StringComparison.Ordinal)
                ? transaction with { If = [] }
                : transaction, cancellationToken);
    }
}
