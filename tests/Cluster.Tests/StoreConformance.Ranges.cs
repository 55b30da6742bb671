using Instancer.TestKit.Cluster;

namespace Instancer.Cluster.Tests;

public abstract partial class StoreConformance
{
    // Control characters, spaces, quotes, what URLs and JSON treat specially, letters of two to four bytes, the highest of three bytes.
    private static readonly string[] OddNames = ["", " ", "\0", "\u0001\n\r\t", "a b", "\"'\\", "/", "%2F?&=+#", "ä", "日本", "\uffff", "🦀", "~\u007f"];

    [EtcdFact]
    public async Task Odd_keys_and_values_come_back_as_they_were_in_the_order_of_their_bytes()
    {
        var from = (await AllAsync()).Revision + 1;
        foreach (var name in OddNames)
        {
            await PutAsync("odd" + name, name);
        }

        var sorted = OddNames.OrderBy(name => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(name)), StringComparer.Ordinal).ToList();
        Assert.Equal(sorted.Select(name => (Key("odd" + name), name)), (await AllAsync("odd")).Items.Select(item => (item.Key, item.Value)));
        foreach (var name in OddNames)
        {
            Assert.Equal(name, (await GetAsync("odd" + name))?.Value);
        }

        var watch = Watch(from);
        await SeenAsync(watch, seen => seen.Changes.Count == OddNames.Length, "the watch sees them");
        Assert.Equal(OddNames.Select(name => (Key("odd" + name), (string?)name)), watch.Changes.Select(change => (change.Key, change.Value)));
    }

    [EtcdFact]
    public async Task An_empty_value_is_not_an_absent_key()
    {
        var put = await PutAsync("empty", "");
        Assert.Equal(new KeyValue(Key("empty"), "", put.Revision, put.Revision, 0), await GetAsync("empty"));
        Assert.Null(await GetAsync("none"));
        Assert.True((await CommittedAsync(new StoreTransaction([new StoreCompare.HasValue(Key("empty"), "")], [], []))).Succeeded);
        var watch = Watch(put.Revision);
        await SeenAsync(watch, seen => seen.Changes.Count == 1, "the watch sees it");
        Assert.Equal(new StoreChange(Key("empty"), "", put.Revision, 0), watch.Changes[0]);
    }

    [EtcdFact]
    public async Task Deleting_a_prefix_takes_what_begins_with_it_and_no_more()
    {
        string[] names = ["a", "a/", "a/1", "a/2/3", "a0", "b"];
        foreach (var name in names)
        {
            await PutAsync(name, name);
        }

        var deleted = await CommittedAsync(new StoreTransaction(new StoreOperation.Delete(KeyRange.Below(Key("a/")))));
        Assert.Equal(["a", "a0", "b"], (await AllAsync()).Items.Select(item => item.Value));
        var watch = Watch(deleted.Revision);
        await SeenAsync(watch, seen => seen.Changes.Count == 3, "the watch sees them go");
        Assert.Equal(
            [new(Key("a/"), null, deleted.Revision, 0), new(Key("a/1"), null, deleted.Revision, 0), new StoreChange(Key("a/2/3"), null, deleted.Revision, 0)],
            watch.Changes);
        Assert.Single(watch.Messages);
    }

    [EtcdFact]
    public async Task A_key_that_is_put_again_keeps_its_creation_and_one_that_was_deleted_does_not()
    {
        var created = (await PutAsync("k", "1")).Revision;
        var modified = (await PutAsync("k", "2")).Revision;
        Assert.Equal(new KeyValue(Key("k"), "2", created, modified, 0), await GetAsync("k"));
        await CommittedAsync(new StoreTransaction(new StoreOperation.Delete(KeyRange.One(Key("k")))));
        var again = (await PutAsync("k", "3")).Revision;
        Assert.Equal(new KeyValue(Key("k"), "3", again, again, 0), await GetAsync("k"));
    }

    [EtcdFact]
    public async Task An_empty_prefix_means_every_key()
    {
        await PutAsync("k", "");
        Assert.Contains(Value(await Store.RangeAsync(KeyRange.Below(""), CancellationToken.None)).Items, item => item.Key == Key("k"));
    }
}
