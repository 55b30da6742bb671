using System.Diagnostics;
using Instancer.Actors.Runtime;
using Instancer.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Actors.Tests.Runtime;

/// <summary>Many actors on the real thread pool tell, spawn, watch, fail and stop at random; then everything must come to its end.</summary>
public sealed class StressTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    private int _starts;
    private int _stops;
    private int _watches;
    private int _told;
    private int _overlaps;

    [Fact]
    public async Task Nothing_overlaps_and_nothing_is_forgotten()
    {
        var system = new ActorSystem("stress", new ThreadPoolDispatcher(), TimeProvider.System, NullLogger.Instance);
        var living = new ActorRef<Order>?[64];
        var drivers = Enumerable.Range(0, 4).Select(seed => Task.Factory.StartNew(
            () => Drive(system, living, new Random(seed)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await Task.WhenAll(drivers);
        system.Stop();
        await system.Completion.WaitAsync(TestProbe<string>.Deadline);
        Assert.True(_starts > 1000, $"only {_starts} actors were started");
        Assert.Equal(_starts, _stops);
        Assert.Equal(0, _overlaps);
        // Every watch was answered: by a message to its watcher, or by a dead letter if that had stopped itself.
        Assert.True(_told <= _watches && _told + system.DeadLetters.Count >= _watches, $"{_told} of {_watches} watches answered");
    }

    private void Drive(ActorSystem system, ActorRef<Order>?[] living, Random random)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Duration;)
        {
            var at = random.Next(living.Length);
            if (living[at] is not { } actor)
            {
                living[at] = system.Spawn(() => new Worker(this), "worker", Restarting);
                continue;
            }

            switch (random.Next(20))
            {
                case 0:
                    system.Stop(actor);
                    living[at] = null;
                    break;
                case 1:
                    actor.Tell(Order.Fail);
                    break;
                case < 5:
                    actor.Tell(Order.Spawn);
                    break;
                case 5:
                    actor.Tell(Order.StopChild);
                    break;
                default:
                    actor.Tell(Order.Work);
                    break;
            }
        }
    }

    private static SupervisionStrategy Restarting { get; } = new() { MaxRestarts = int.MaxValue, FirstBackoff = TimeSpan.Zero };

    private sealed class Worker(StressTests test) : Actor<Order>
    {
        private int _inside;

        protected internal override void PreStart() => Interlocked.Increment(ref test._starts);

        protected internal override void PreRestart(Exception cause) => Interlocked.Increment(ref test._stops);

        protected internal override void PostStop() => Interlocked.Increment(ref test._stops);

        protected internal override void Receive(Order order)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                Interlocked.Increment(ref test._overlaps);
            }

            Do(order);
            Interlocked.Decrement(ref _inside);
        }

        private void Do(Order order)
        {
            if (order == Order.Fail)
            {
                throw new InvalidOperationException("planned");
            }
            else if (order == Order.Spawn && Context.ChildCount < 8)
            {
                var child = Context.Spawn(() => new Worker(test), "child", SupervisionStrategy.Stopping);
                Interlocked.Increment(ref test._watches);
                Context.Watch(child, Order.ChildGone);
                child.Tell(Order.Work);
            }
            else if (order == Order.StopChild && Context.Children.FirstOrDefault() is { } last)
            {
                Context.Stop(last);
            }
            else if (order == Order.ChildGone)
            {
                Interlocked.Increment(ref test._told);
            }
        }
    }

    private sealed record Order(string Name)
    {
        public static Order Work { get; } = new("work");

        public static Order Fail { get; } = new("fail");

        public static Order Spawn { get; } = new("spawn");

        public static Order StopChild { get; } = new("stop-child");

        public static Order ChildGone { get; } = new("child-gone");
    }
}
