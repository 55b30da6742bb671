using FsCheck;
using FsCheck.Fluent;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

public sealed class InstanceTableTests
{
    [Fact]
    public void It_does_what_a_plain_dictionary_does()
        => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var random = new Random(seed);
            var table = new InstanceTable();
            var plain = new Dictionary<InstanceKey, InstanceInfo>();
            for (var step = 0; step < 60; step++)
            {
                var key = Keys.Of($"client-{random.Next(4)}", (ushort)random.Next(1, 4));
                var info = new InstanceInfo { Key = key, State = (InstanceState)random.Next(6), Sessions = step };
                if (!table.TryGet(key, out var entry))
                {
                    table.Add(key, new InstanceEntry(null!, info));
                    plain.Add(key, info);
                }
                else if (random.Next(2) == 0)
                {
                    table.Update(entry, info);
                    plain[key] = info;
                }
                else
                {
                    table.Remove(key);
                    plain.Remove(key);
                }

                Assert.Equal(
                    plain.Values.OrderBy(known => known.Sessions).Select(known => new Candidate(known)),
                    table.Snapshot().OrderBy(candidate => candidate.Instance.Sessions));
                Assert.All(plain, known => Assert.True(table.TryGet(known.Key, out var there) && there.Info == known.Value));
                Assert.Equal(
                    plain.Keys.Where(known => known.Token == key.Token).OrderBy(known => known.Identifier),
                    table.OfToken(key.Challenge, key.Token).OrderBy(known => known.Identifier));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
}
