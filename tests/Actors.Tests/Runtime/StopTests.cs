using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class StopTests
{
    [Fact]
    public void Children_stop_before_their_parents_and_each_once()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var lab = new ActorLab(seed);
            var stopped = new List<string>();
            var top = lab.Spawn(() => Parent("top", stopped, depth: 3));
            lab.System.Stop(top);
            lab.System.Stop(top);
            lab.Run();
            Assert.Equal(15, stopped.Count);
            Assert.Equal(15, stopped.Distinct().Count());
            foreach (var name in stopped)
            {
                var children = stopped.Where(other => other.Length == name.Length + 2 && other.StartsWith(name, StringComparison.Ordinal));
                Assert.All(children, child => Assert.True(stopped.IndexOf(child) < stopped.IndexOf(name)));
            }
        }
    }

    [Fact]
    public void The_system_completes_when_every_actor_has_stopped()
    {
        var lab = new ActorLab();
        var stopped = new List<string>();
        lab.Spawn(() => Parent("top", stopped, depth: 2));
        lab.System.Stop();
        Assert.False(lab.System.Completion.IsCompleted);
        lab.Run();
        Assert.True(lab.System.Completion.IsCompletedSuccessfully);
        Assert.Equal(7, stopped.Count);
    }

    [Fact]
    public void StopSelf_lets_the_message_at_hand_be_handled_to_its_end_and_none_after_it()
    {
        var lab = new ActorLab();
        var handled = new List<string>();
        var actor = lab.Spawn(() => new TestActor<string>
        {
            OnReceive = (context, message) =>
            {
                context.StopSelf();
                handled.Add(message);
            },
            OnStop = () => handled.Add("stopped"),
        });
        lab.Tell(actor, "one", "two");
        Assert.Equal(["one", "stopped"], handled);
    }

    [Fact]
    public void A_stopping_parent_handles_no_more_messages_while_its_children_stop()
    {
        var lab = new ActorLab();
        var handled = new List<string>();
        ActorRef<string>? child = null;
        var parent = lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => child = context.Spawn(() => new TestActor<string>(), "child"),
            OnReceive = (_, message) => handled.Add(message),
        });
        lab.System.Stop(parent);
        parent.Tell("late");
        lab.Run();
        Assert.Empty(handled);
        Assert.Equal(1, lab.System.DeadLetters.Count);
    }

    [Fact]
    public void What_a_stopped_actor_spawns_in_its_last_words_stops_too_before_the_system_completes()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var lab = new ActorLab(seed);
            var log = new List<string>();
            lab.Spawn(() => new Heir(log));
            _ = lab.System.Completion.ContinueWith(
                _ => log.Add("complete"), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            lab.System.Stop();
            while (lab.Dispatcher.RunOne())
            {
                Assert.True(!lab.System.Completion.IsCompleted || log.Contains("heir stopped"));
            }

            Assert.True(lab.System.Completion.IsCompletedSuccessfully);
            Assert.Equal(1, log.Count(line => line == "parent stopped"));
        }
    }

    [Fact]
    public void An_actor_spawned_into_a_system_that_has_stopped_stops_at_once()
    {
        var lab = new ActorLab();
        lab.System.Stop();
        lab.Run();
        var stopped = false;
        var late = lab.Spawn(() => new TestActor<string> { OnStop = () => stopped = true });
        lab.Tell(late, "anybody?");
        Assert.True(stopped);
        Assert.Equal(1, lab.System.DeadLetters.Count);
    }

    private static TestActor<string> Parent(string name, List<string> stopped, int depth) => new()
    {
        OnStart = context =>
        {
            foreach (var child in depth == 0 ? Enumerable.Empty<int>() : [1, 2])
            {
                context.Spawn(() => Parent($"{name}.{child}", stopped, depth - 1), "child");
            }
        },
        OnStop = () => stopped.Add(name),
    };

    private sealed class Heir(List<string> log) : Actor<string>
    {
        protected internal override void Receive(string message) => log.Add(message);

        protected internal override void PostStop()
        {
            log.Add("parent stopped");
            Context.Spawn(() => new TestActor<string> { OnStop = () => log.Add("heir stopped") }, "heir");
        }
    }
}
