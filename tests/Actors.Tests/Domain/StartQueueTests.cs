using FsCheck;
using FsCheck.Fluent;
using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

public sealed class StartQueueTests
{
    private readonly StartQueue _queue = new(4);

    [Fact]
    public void One_token_is_served_in_the_order_it_came()
    {
        Enqueue("ann", 3, 1, 2);
        Assert.Equal([Keys.Of("ann", 3), Keys.Of("ann", 1), Keys.Of("ann", 2)], Drain());
    }

    [Fact]
    public void Tokens_are_served_in_turn()
    {
        Enqueue("ann", 1, 2, 3);
        Enqueue("bob", 1);
        Assert.Equal([Keys.Of("ann", 1), Keys.Of("bob", 1), Keys.Of("ann", 2), Keys.Of("ann", 3)], Drain());
    }

    [Fact]
    public void Past_its_bound_nothing_is_taken_but_what_waits_already()
    {
        Enqueue("ann", 1, 2, 3, 4);
        Assert.False(_queue.TryEnqueue(Keys.Of("bob")));
        Assert.True(_queue.TryEnqueue(Keys.Of("ann", 2)));
        Assert.Equal(4, _queue.Count);
    }

    [Fact]
    public void What_is_taken_out_leaves_its_place_to_others()
    {
        Enqueue("ann", 1, 2);
        Enqueue("bob", 1);
        _queue.Remove(Keys.Of("ann", 1));
        _queue.Remove(Keys.Of("nobody"));
        Assert.False(_queue.Contains(Keys.Of("ann", 1)));
        Assert.Equal([Keys.Of("ann", 2), Keys.Of("bob")], Drain());
    }

    [Fact]
    public void A_token_that_is_passed_over_for_want_of_room_keeps_its_turn()
    {
        Enqueue("ann", 1);
        Enqueue("bob", 1, 2);
        Assert.True(_queue.TryDequeue(key => key.Token != Keys.Token("ann"), out var first));
        Assert.True(_queue.TryDequeue(_ => true, out var second));
        Assert.Equal((Keys.Of("bob", 1), Keys.Of("ann", 1)), (first, second));
    }

    [Fact]
    public void Without_room_nobody_is_served()
    {
        Enqueue("ann", 1);
        Assert.False(_queue.TryDequeue(_ => false, out _));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void Waiting_starts_are_counted_by_challenge()
    {
        Enqueue("ann", 1, 2);
        _queue.TryEnqueue(Keys.Of("ann", 1, "other"));
        Assert.Equal((2, 1), (_queue.CountByChallenge(_ => true)[Keys.Challenge], _queue.CountByChallenge(_ => true)["other"]));
    }

    [Fact]
    public void A_place_says_how_many_go_before()
        => Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), steps =>
        {
            var queue = new StartQueue(50);
            var model = new TicketModel(50);
            foreach (var step in steps)
            {
                model.AgreesOn(step, queue);
            }

            var keys = from token in Enumerable.Range(0, 3) from identifier in Enumerable.Range(0, 4) from challenge in (string[])["a", "b"] select Keys.Of($"client-{token}", identifier, challenge);
            var places = keys.Where(queue.Contains).ToDictionary(key => key, key => queue.PositionOf(key));
            var place = 0;
            while (queue.TryDequeue(_ => true, out var next))
            {
                Assert.Equal(++place, places[next]);
                Assert.Null(queue.PositionOf(next));
            }

            return place == places.Count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(200));

    [Fact]
    public void It_does_what_a_plain_list_with_tickets_does()
        => Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), steps =>
        {
            var queue = new StartQueue(8);
            var model = new TicketModel(8);
            return steps.All(step => model.AgreesOn(step, queue));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(200));

    private void Enqueue(string token, params int[] identifiers)
        => Assert.All(identifiers, identifier => Assert.True(_queue.TryEnqueue(Keys.Of(token, identifier))));

    private List<InstanceKey> Drain()
    {
        var drained = new List<InstanceKey>();
        while (_queue.TryDequeue(_ => true, out var key))
        {
            drained.Add(key);
        }

        Assert.Equal(0, _queue.Count);
        return drained;
    }

    /// <summary>All starts in the order they came, and a ticket for each token: the lowest is served and gets a new one.</summary>
    private sealed class TicketModel(int length)
    {
        private readonly List<InstanceKey> _waiting = [];
        private readonly Dictionary<TokenHash, int> _tickets = [];
        private int _last;

        public bool AgreesOn(int step, StartQueue queue)
        {
            var choice = Math.Abs((long)step);
            var key = Keys.Of($"client-{choice % 3}", (int)(choice / 3 % 4), choice / 12 % 2 == 0 ? "a" : "b");
            var agrees = (choice / 24 % 5) switch
            {
                0 or 1 or 2 => queue.TryEnqueue(key) == Enqueue(key),
                3 => Remove(key, queue),
                _ => DequeueAgrees(queue, choice / 120 % 3),
            };
            return agrees && queue.Count == _waiting.Count && _waiting.TrueForAll(queue.Contains);
        }

        private bool Enqueue(InstanceKey key)
        {
            if (!_waiting.Contains(key) && _waiting.Count < length)
            {
                _waiting.Add(key);
                _tickets.TryAdd(key.Token, ++_last);
            }

            return _waiting.Contains(key);
        }

        private bool Remove(InstanceKey key, StartQueue queue)
        {
            queue.Remove(key);
            _waiting.Remove(key);
            ForgetTicketOfTheGone(key.Token);
            return true;
        }

        private bool DequeueAgrees(StartQueue queue, long room)
        {
            bool HasRoom(InstanceKey key) => room == 0 || key.Challenge == (room == 1 ? "a" : "b");
            var candidates = _waiting.Where(HasRoom).ToList();
            if (candidates.Count == 0)
            {
                return !queue.TryDequeue(HasRoom, out _);
            }

            var token = candidates.MinBy(key => _tickets[key.Token]).Token;
            var next = candidates.First(key => key.Token == token);
            _waiting.Remove(next);
            _tickets[token] = ++_last;
            ForgetTicketOfTheGone(token);
            return queue.TryDequeue(HasRoom, out var served) && served == next;
        }

        private void ForgetTicketOfTheGone(TokenHash token)
        {
            if (!_waiting.Exists(key => key.Token == token))
            {
                _tickets.Remove(token);
            }
        }
    }
}
