using Instancer.Actors.Runtime;
using Instancer.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Actors.Tests.Runtime;

public sealed class MailboxTests
{
    [Fact]
    public void Messages_of_one_sender_arrive_in_the_order_they_were_told()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var lab = new ActorLab(seed);
            var probe = lab.Probe<string>();
            var sender = lab.Spawn(() => new TestActor<string>
            {
                OnReceive = (_, name) =>
                {
                    for (var i = 0; i < 20; i++)
                    {
                        probe.Ref.Tell($"{name}{i}");
                    }
                },
            });
            lab.Tell(sender, "a", "b");
            Assert.Equal(Enumerable.Range(0, 40).Select(i => i < 20 ? $"a{i}" : $"b{i - 20}"), probe.Received);
        }
    }

    [Fact]
    public async Task Many_threads_tell_one_actor_and_its_handler_never_overlaps_nor_reorders_a_sender()
    {
        const int Senders = 8, Each = 20_000;
        var system = OnThreadPool();
        var last = Enumerable.Repeat(-1, Senders).ToArray();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int inside = 0, overlaps = 0, disorders = 0, handled = 0;
        var actor = system.Spawn(
            () => new TestActor<Numbered>
            {
                OnReceive = (_, message) =>
                {
                    overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
                    disorders += last[message.Sender] + 1 == message.Number ? 0 : 1;
                    last[message.Sender] = message.Number;
                    Interlocked.Decrement(ref inside);
                    if (++handled == Senders * Each)
                    {
                        done.SetResult();
                    }
                },
            },
            "counter");
        var senders = Enumerable.Range(0, Senders).Select(sender => Task.Factory.StartNew(
            () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    actor.Tell(new Numbered(sender, i));
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        await Task.WhenAll(senders);
        await done.Task.WaitAsync(TestProbe<string>.Deadline);
        Assert.Equal((0, 0), (overlaps, disorders));
    }

    [Fact]
    public void The_systems_own_messages_pass_before_user_messages()
    {
        var lab = new ActorLab();
        var handled = new List<string>();
        var actor = lab.Spawn(() => new TestActor<string> { OnReceive = (_, message) => handled.Add(message) });
        actor.Tell("one");
        actor.Tell("two");
        lab.System.Stop(actor);
        lab.Run();
        Assert.Empty(handled);
        Assert.Equal(2, lab.System.DeadLetters.Count);
    }

    [Fact]
    public void What_is_told_before_the_start_is_handled_after_it()
    {
        var lab = new ActorLab();
        var log = new List<string>();
        var actor = lab.System.Spawn(
            () => new TestActor<string> { OnStart = _ => log.Add("start"), OnReceive = (_, message) => log.Add(message) }, "actor");
        actor.Tell("one");
        Assert.Empty(log);
        lab.Run();
        Assert.Equal(["start", "one"], log);
    }

    [Fact]
    public async Task A_mailbox_gives_others_their_turn_after_its_quantum()
    {
        // On one thread that only ever runs one mailbox at a time, a flood to itself must not starve the probe.
        var system = OnThreadPool();
        var flood = system.Spawn(
            () => new TestActor<string> { OnReceive = (context, message) => context.Self.Tell(message) }, "flood");
        flood.Tell("again");
        flood.Tell("again");
        var probe = new TestProbe<string>(system);
        probe.Ref.Tell("here");
        Assert.Equal("here", await probe.Expect<string>());
        system.Stop(flood);
        system.Stop();
        await system.Completion.WaitAsync(TestProbe<string>.Deadline);
    }

    [Fact]
    public void A_message_that_is_null_is_refused()
        => Assert.Throws<ArgumentNullException>(() => new ActorLab().Probe<string>().Ref.Tell(null!));

    [Fact]
    public void A_burst_is_handled_in_order_however_the_ring_has_wrapped()
    {
        var queue = default(MessageQueue);
        var model = new Queue<object>();
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            if (random.Next(100) < 52)
            {
                queue.Enqueue(i);
                model.Enqueue(i);
            }
            else if (random.Next(20) == 0)
            {
                queue.PutBack(-i);
                model = new Queue<object>(model.Prepend(-i));
            }
            else if (model.Count > 0)
            {
                Assert.Equal(model.Dequeue(), queue.Dequeue());
            }

            queue.TrimIfEmpty();
            Assert.Equal(model.Count, queue.Count);
        }
    }

    private static ActorSystem OnThreadPool()
        => new("pool", new ThreadPoolDispatcher(), TimeProvider.System, NullLogger.Instance);

    private sealed record Numbered(int Sender, int Number);
}
