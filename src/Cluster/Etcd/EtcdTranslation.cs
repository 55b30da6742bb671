namespace Instancer.Cluster.Etcd;

/// <summary>From the store's words to etcd's, and back.</summary>
internal static class EtcdTranslation
{
    public static RangeRequest Of(KeyRange range)
    {
        var (first, end) = EtcdText.Ends(range);
        return new RangeRequest(first, end);
    }

    public static TxnRequest Of(StoreTransaction transaction) =>
        new([.. transaction.If.Select(Of)], [.. transaction.Then.Select(Of)], [.. transaction.Else.Select(Of)]);

    public static IReadOnlyList<KeyValue> Items(RangeReply? reply) => [.. (reply?.Kvs ?? []).Select(Of)];

    public static TransactionAnswer Of(TxnReply reply) => new(
        reply.Succeeded,
        reply.Header?.Revision ?? 0,
        [.. (reply.Responses ?? []).Where(response => response.ResponseRange is not null).Select(response => Items(response.ResponseRange))]);

    public static StoreChange Of(EventModel happened)
    {
        var kv = happened.Kv;
        var isDelete = happened.Type == "DELETE";
        return new StoreChange(EtcdText.Text(kv?.Key), isDelete ? null : EtcdText.Text(kv?.Value), kv?.ModRevision ?? 0, isDelete ? 0 : kv?.Lease ?? 0);
    }

    private static KeyValue Of(KeyValueModel kv) => new(EtcdText.Text(kv.Key), EtcdText.Text(kv.Value), kv.CreateRevision, kv.ModRevision, kv.Lease);

    private static CompareModel Of(StoreCompare compare) => compare switch
    {
        StoreCompare.Absent => new CompareModel("CREATE", EtcdText.Bytes(compare.Key)) { CreateRevision = 0 },
        StoreCompare.CreatedAt created => new CompareModel("CREATE", EtcdText.Bytes(compare.Key)) { CreateRevision = created.Revision },
        StoreCompare.ModifiedAt modified => new CompareModel("MOD", EtcdText.Bytes(compare.Key)) { ModRevision = modified.Revision },
        StoreCompare.HasValue value => new CompareModel("VALUE", EtcdText.Bytes(compare.Key)) { Value = EtcdText.Bytes(value.Value) },
        StoreCompare.HasLease lease => new CompareModel("LEASE", EtcdText.Bytes(compare.Key)) { Lease = lease.Lease },
        _ => throw new InvalidOperationException($"No such compare: {compare}."),
    };

    private static RequestOp Of(StoreOperation operation) => operation switch
    {
        StoreOperation.Put put => new RequestOp { RequestPut = new PutRequest(EtcdText.Bytes(put.Key), EtcdText.Bytes(put.Value), put.Lease) },
        StoreOperation.Delete delete => new RequestOp { RequestDeleteRange = Delete(delete.Range) },
        StoreOperation.Get get => new RequestOp { RequestRange = Of(get.Range) },
        _ => throw new InvalidOperationException($"No such operation: {operation}."),
    };

    private static DeleteRangeRequest Delete(KeyRange range)
    {
        var (first, end) = EtcdText.Ends(range);
        return new DeleteRangeRequest(first, end);
    }
}
