using Instancer.Actors;
using Instancer.Actors.Registry;
using Instancer.Cluster.Tests.Membership;

namespace Instancer.Cluster.Tests.Resets;

/// <summary>What a node leaves while another resets its token is not served again.</summary>
public sealed class ResetOfWhatIsLeftTests
{
    private static readonly InstanceKey Key = new("pwn", TokenHash.Of("ann"u8), 7);
    private readonly ClusterLab _lab = new();

    [Fact]
    public void A_key_that_is_left_between_the_look_at_it_and_its_mark_leaves_no_note()
    {
        BetweenCalls? calls = null;
        var one = _lab.Start("one", new LabSettings(1) { Wrap = link => calls = new BetweenCalls(link) });
        var two = _lab.Start("two", 2);
        Assert.IsType<KeyOwner.Here>(two.Claim(Key));
        calls!.BeforeMark = () => two.Ownership.LeaveAsync(Key, "abc", CancellationToken.None).AsTask();
        Assert.Null(_lab.Done(one.Ownership.ResetElsewhereAsync("pwn", Key.Token, CancellationToken.None), seconds: 1));

        // The reset has been served, and the node that left the backend is back.
        Assert.IsType<KeyOwner.Superseded>(_lab.Done(two.Ownership.ReclaimAsync(Key, "abc", CancellationToken.None)));
    }

    private sealed class BetweenCalls(IKeyValueStore store) : ChangedStore(store)
    {
        public Func<Task>? BeforeMark { get; set; }

        public override async Task<StoreResult<TransactionAnswer>> CommitAsync(StoreTransaction transaction, CancellationToken cancellationToken)
        {
            var isMark = transaction.Then.OfType<StoreOperation.Put>().Any(put => put.Key.StartsWith(ClusterKeys.Resets, StringComparison.Ordinal));
            if (isMark && BeforeMark is { } before)
            {
                BeforeMark = null;
                await before();
            }

            return await base.CommitAsync(transaction, cancellationToken);
        }
    }
}
