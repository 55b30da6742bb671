using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

public abstract partial class StoreConformance
{
    [EtcdFact]
    public async Task Of_a_hundred_who_create_the_same_key_one_does()
    {
        var contenders = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => CommittedAsync(new StoreTransaction(
            [new StoreCompare.Absent(Key("owner"))],
            [new StoreOperation.Put(Key("owner"), $"{number}")],
            [new StoreOperation.Get(KeyRange.One(Key("owner")))]))));

        var winner = Assert.Single(contenders.Index(), contender => contender.Item.Succeeded);
        var owner = await GetAsync("owner");
        Assert.Equal(($"{winner.Index}", winner.Item.Revision), (owner?.Value, owner?.CreateRevision));
        // Each of the others was told who it is.
        Assert.All(contenders.Where(contender => !contender.Succeeded), loser => Assert.Equal(owner, Assert.Single(Assert.Single(loser.Gets))));
    }

    [EtcdFact]
    public async Task Compares_tell_what_is_there()
    {
        var lease = await GrantedAsync();
        var created = (await PutAsync("k", "one")).Revision;
        var modified = (await PutAsync("k", "two", lease.Id)).Revision;
        var key = Key("k");
        var none = Key("none");

        await HoldsAsync(true, new StoreCompare.CreatedAt(key, created));
        await HoldsAsync(false, new StoreCompare.CreatedAt(key, modified));
        await HoldsAsync(true, new StoreCompare.ModifiedAt(key, modified));
        await HoldsAsync(false, new StoreCompare.ModifiedAt(key, created));
        await HoldsAsync(true, new StoreCompare.HasValue(key, "two"));
        await HoldsAsync(false, new StoreCompare.HasValue(key, "one"));
        await HoldsAsync(false, new StoreCompare.HasValue(key, ""));
        await HoldsAsync(true, new StoreCompare.HasLease(key, lease.Id));
        await HoldsAsync(false, new StoreCompare.HasLease(key, 0));
        await HoldsAsync(false, new StoreCompare.Absent(key));

        await HoldsAsync(true, new StoreCompare.Absent(none));
        await HoldsAsync(true, new StoreCompare.CreatedAt(none, 0));
        await HoldsAsync(true, new StoreCompare.ModifiedAt(none, 0));
        await HoldsAsync(false, new StoreCompare.CreatedAt(none, created));
        await HoldsAsync(false, new StoreCompare.HasValue(none, ""));
        await HoldsAsync(true, new StoreCompare.HasLease(none, 0));
        await HoldsAsync(false, new StoreCompare.HasLease(none, lease.Id));

        await HoldsAsync(true);
        await HoldsAsync(true, new StoreCompare.HasValue(key, "two"), new StoreCompare.Absent(none));
        await HoldsAsync(false, new StoreCompare.HasValue(key, "two"), new StoreCompare.Absent(key));
    }

    [EtcdFact]
    public async Task A_transaction_gets_what_its_operations_before_left()
    {
        await PutAsync("a", "old");
        await PutAsync("b", "old");
        var answer = await CommittedAsync(new StoreTransaction(
            new StoreOperation.Get(KeyRange.One(Key("a"))),
            new StoreOperation.Put(Key("a"), "new"),
            new StoreOperation.Get(KeyRange.Below(Prefix)),
            new StoreOperation.Delete(KeyRange.One(Key("b"))),
            new StoreOperation.Get(KeyRange.One(Key("b")))));

        Assert.True(answer.Succeeded);
        Assert.Equal(["old", "new,old", ""], answer.Gets.Select(items => string.Join(',', items.Select(item => item.Value))));
        Assert.Equal(answer.Revision, (await GetAsync("a"))?.ModRevision);
        Assert.Null(await GetAsync("b"));
    }

    [EtcdFact]
    public async Task Only_what_changes_something_makes_a_revision()
    {
        // Others of this class may be busy in the same store: what is counted is what this prefix saw.
        var before = (await PutAsync("k", "")).Revision;
        var nothing = await CommittedAsync(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(Key("none"))), new StoreOperation.Get(KeyRange.One(Key("k")))));
        Assert.Equal(before, Assert.Single(Assert.Single(nothing.Gets)).ModRevision);
        var twice = await CommittedAsync(new StoreTransaction(new StoreOperation.Put(Key("x"), "1"), new StoreOperation.Put(Key("y"), "2")));
        Assert.True(twice.Revision > before);
        Assert.Equal([twice.Revision, twice.Revision], [(await GetAsync("x"))!.ModRevision, (await GetAsync("y"))!.ModRevision]);
        Assert.True((await AllAsync()).Revision >= twice.Revision);
    }

    [EtcdFact]
    public async Task Revisions_rise_with_every_change()
    {
        var last = (await AllAsync()).Revision;
        for (var round = 0; round < 20; round++)
        {
            var answer = round % 3 == 2 ? await CommittedAsync(new StoreTransaction(new StoreOperation.Delete(KeyRange.Below(Prefix)))) : await PutAsync("k", $"{round}");
            Assert.True(answer.Revision > last, $"{answer.Revision} after {last}");
            last = answer.Revision;
        }
    }

    [EtcdFact]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing()
    {
        await RefusedAsync(StoreFailure.Refused, new StoreOperation.Put(Key("a"), "1"), new StoreOperation.Put(Key("a"), "2"));
        await RefusedAsync(StoreFailure.Refused, new StoreOperation.Put(Key("a"), "1"), new StoreOperation.Delete(KeyRange.Below(Prefix)));
        await RefusedAsync(StoreFailure.Refused, new StoreOperation.Put("", "1"));
        await RefusedAsync(StoreFailure.Refused, [.. Enumerable.Range(0, 129).Select(number => new StoreOperation.Put(Key($"{number}"), ""))]);
        await RefusedAsync(StoreFailure.LeaseGone, new StoreOperation.Put(Key("a"), "1"), new StoreOperation.Put(Key("b"), "2", Lease: 4711));
        Assert.Empty((await AllAsync()).Items);
    }

    private async Task HoldsAsync(bool expected, params StoreCompare[] compares)
    {
        var answer = await CommittedAsync(new StoreTransaction(compares, [], []));
        Assert.True(expected == answer.Succeeded, $"{string.Join<StoreCompare>(", ", compares)}: {answer.Succeeded}");
    }

    private async Task RefusedAsync(StoreFailure failure, params StoreOperation[] operations)
    {
        var error = (await Store.CommitAsync(new StoreTransaction(operations), CancellationToken.None)).Error;
        Assert.Equal((failure, false), (error?.Failure, error?.MayBeDone));
    }
}
