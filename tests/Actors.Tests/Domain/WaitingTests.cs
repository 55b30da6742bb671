using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Those who wait: for an instance (<see cref="WaitingList"/>), and for a reset (<see cref="PendingResets"/>).</summary>
public sealed class WaitingTests
{
    private readonly ActorLab _lab = new();
    private readonly WaitingList _waiting = new();
    private readonly PendingResets _resets = new();

    [Fact]
    public void Connections_are_taken_out_in_the_order_they_came()
    {
        var requests = Requests(3);
        requests.ForEach(request => _waiting.Add(request, TimeSpan.Zero));
        Assert.Equal(requests, _waiting.TakeAll());
        Assert.Equal(0, _waiting.Count);
        Assert.Null(_waiting.OldestSince);
    }

    [Fact]
    public void Only_those_who_have_waited_long_enough_are_taken_out()
    {
        var requests = Requests(3);
        for (var i = 0; i < 3; i++)
        {
            _waiting.Add(requests[i], TimeSpan.FromSeconds(i));
        }

        Assert.Equal(requests.Take(2), _waiting.TakeSince(TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(2), _waiting.OldestSince);
        Assert.Empty(_waiting.TakeSince(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1)));
    }

    [Fact]
    public void A_connection_that_is_over_is_removed_once()
    {
        var requests = Requests(2);
        requests.ForEach(request => _waiting.Add(request, TimeSpan.Zero));
        Assert.True(_waiting.Remove(requests[0].Connection));
        Assert.False(_waiting.Remove(requests[0].Connection));
        Assert.Equal(requests[1], Assert.Single(_waiting.TakeAll()));
    }

    [Fact]
    public void A_reset_is_served_when_all_that_it_waits_for_is_gone()
    {
        var request = Requests(1)[0];
        _resets.Add(request, [Keys.Of("ann", 1), Keys.Of("ann", 2)]);
        Assert.Empty(_resets.NoteGone(Keys.Of("ann", 1)));
        Assert.Empty(_resets.NoteGone(Keys.Of("ann", 3)));
        Assert.Empty(_resets.NoteGone(Keys.Of("bob", 2)));
        Assert.Empty(_resets.NoteGone(Keys.Of("ann", 2, "other")));
        Assert.Equal([request], _resets.NoteGone(Keys.Of("ann", 2)));
        Assert.Empty(_resets.TakeAll());
    }

    [Fact]
    public void A_second_reset_of_the_token_waits_with_the_first_and_for_what_came_between()
    {
        var requests = Requests(2);
        _resets.Add(requests[0], [Keys.Of("ann", 1)]);
        _resets.Add(requests[1], [Keys.Of("ann", 1), Keys.Of("ann", 2)]);
        Assert.Empty(_resets.NoteGone(Keys.Of("ann", 1)));
        Assert.Equal(requests, _resets.NoteGone(Keys.Of("ann", 2)));
    }

    [Fact]
    public void A_connection_that_is_over_waits_for_no_reset()
    {
        var requests = Requests(2);
        requests.ForEach(request => _resets.Add(request, [Keys.Of("ann", 1)]));
        _resets.Abandon(Keys.Of("ann"), requests[0].Connection);
        Assert.Equal([requests[1]], _resets.NoteGone(Keys.Of("ann", 1)));
        _resets.Add(requests[0], [Keys.Of("ann", 1)]);
        _resets.Abandon(Keys.Of("ann"), requests[0].Connection);
        Assert.Empty(_resets.NoteGone(Keys.Of("ann", 1)));
    }

    private List<RegistryMessage.Acquire> Requests(int count) => [.. Enumerable.Range(0, count)
        .Select(_ => new RegistryMessage.Acquire(Keys.Of("ann", 0), null, _lab.Probe<ConnectionMessage>().Ref))];
}
