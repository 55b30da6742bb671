using Instancer.Cluster;

namespace Instancer.TestKit.Cluster;

internal sealed partial class FakeEtcd
{
    private const int MostOperations = 128;

    internal StoreResult<TransactionAnswer> Commit(StoreTransaction transaction)
    {
        if (Refusal(transaction) is { } refusal)
        {
            return new StoreError(StoreFailure.Refused, MayBeDone: false, refusal);
        }

        var succeeded = transaction.If.All(Holds);
        var operations = succeeded ? transaction.Then : transaction.Else;
        if (operations.OfType<StoreOperation.Put>().Any(put => put.Lease != 0 && !_leases.ContainsKey(put.Lease)))
        {
            return new StoreError(StoreFailure.LeaseGone, MayBeDone: false, "requested lease not found");
        }

        List<StoreChange> changes = [];
        List<IReadOnlyList<KeyValue>> gets = [];
        foreach (var operation in operations)
        {
            switch (operation)
            {
                case StoreOperation.Put put:
                    Put(put, changes);
                    break;
                case StoreOperation.Delete delete:
                    Delete(Find(delete.Range), changes);
                    break;
                case StoreOperation.Get get:
                    gets.Add(Find(get.Range));
                    break;
                default:
                    throw new InvalidOperationException($"No such operation: {operation}.");
            }
        }

        Publish(changes);
        return new TransactionAnswer(succeeded, Revision, gets);
    }

    private void Put(StoreOperation.Put put, List<StoreChange> changes)
    {
        var revision = Revision + 1;
        var created = _items.TryGetValue(put.Key, out var before) ? before.CreateRevision : revision;
        _items[put.Key] = new KeyValue(put.Key, put.Value, created, revision, put.Lease);
        changes.Add(new StoreChange(put.Key, put.Value, revision, put.Lease));
    }

    private void Delete(IEnumerable<KeyValue> items, List<StoreChange> changes)
    {
        foreach (var item in items)
        {
            _items.Remove(item.Key);
            changes.Add(new StoreChange(item.Key, null, Revision + 1, 0));
        }
    }

    private bool Holds(StoreCompare compare)
    {
        var item = _items.GetValueOrDefault(compare.Key);
        return compare switch
        {
            StoreCompare.Absent => item is null,
            StoreCompare.CreatedAt created => (item?.CreateRevision ?? 0) == created.Revision,
            StoreCompare.ModifiedAt modified => (item?.ModRevision ?? 0) == modified.Revision,
            StoreCompare.HasValue value => item?.Value == value.Value,
            StoreCompare.HasLease lease => (item?.Lease ?? 0) == lease.Lease,
            _ => throw new InvalidOperationException($"No such compare: {compare}."),
        };
    }

    private static string? Refusal(StoreTransaction transaction) =>
        transaction.If.Count > MostOperations ? "too many operations in txn request"
        : transaction.If.Any(compare => compare.Key.Length == 0) ? "key is not provided"
        : Refusal(transaction.Then) ?? Refusal(transaction.Else);

    private static string? Refusal(IReadOnlyList<StoreOperation> operations)
    {
        var puts = operations.OfType<StoreOperation.Put>().Select(put => put.Key).ToList();
        var deletes = operations.OfType<StoreOperation.Delete>().Select(delete => delete.Range).ToList();
        var single = operations.OfType<StoreOperation.Get>().Select(get => get.Range).Concat(deletes).Where(range => !range.IsPrefix).Select(range => range.Key);
        return operations.Count > MostOperations ? "too many operations in txn request"
            : puts.Concat(single).Any(key => key.Length == 0) ? "key is not provided"
            : puts.Distinct(StringComparer.Ordinal).Count() < puts.Count || puts.Exists(key => deletes.Exists(range => Covers(range, key))) ? "duplicate key given in txn request"
            : null;
    }

    internal static bool Covers(KeyRange range, string key) => range.IsPrefix ? key.StartsWith(range.Key, StringComparison.Ordinal) : key == range.Key;
}
