using Instancer.Actors.Runtime;

namespace Instancer.TestKit;

/// <summary>An actor system in the test's own thread: nothing runs, and no time passes, but when the test says so.</summary>
public sealed class ActorLab
{
    public ActorLab(int seed = 0, TimeSpan? slowHandler = null)
    {
        Dispatcher = new SeededDispatcher(new Random(seed));
        System = new ActorSystem("lab", Dispatcher, Time, Log, slowHandler);
        Run();
    }

    public VirtualTime Time { get; } = new();

    public SeededDispatcher Dispatcher { get; }

    public RecordingLogger Log { get; } = new();

    public ActorSystem System { get; }

    /// <summary>Spawns an actor below the root and has it start.</summary>
    public ActorRef<TMessage> Spawn<TMessage>(Func<Actor<TMessage>> factory, SupervisionStrategy? supervision = null, string name = "actor")
        where TMessage : class
    {
        var actor = System.Spawn(factory, name, supervision);
        Run();
        return actor;
    }

    /// <summary>A probe below the root.</summary>
    public TestProbe<TMessage> Probe<TMessage>()
        where TMessage : class
    {
        var probe = new TestProbe<TMessage>(System);
        Run();
        return probe;
    }

    /// <summary>Tells, and runs all that follows.</summary>
    public void Tell<TMessage>(ActorRef<TMessage> actor, params TMessage[] messages)
        where TMessage : class
    {
        foreach (var message in messages)
        {
            actor.Tell(message);
        }

        Run();
    }

    /// <summary>Stops an actor, and runs all that follows.</summary>
    public void Stop(ActorRef actor)
    {
        System.Stop(actor);
        Run();
    }

    /// <summary>Runs until no mailbox has messages. No time passes.</summary>
    public void Run() => Dispatcher.RunAll();

    /// <summary>Lets time pass; what comes due on the way is handled at its own moment.</summary>
    public void Advance(TimeSpan by)
    {
        Run();
        while (Time.UntilNextTimer() is { } wait && wait <= by)
        {
            Time.Advance(wait);
            by -= wait;
            Run();
        }

        Time.Advance(by);
    }

    /// <summary>Lets time pass.</summary>
    public void AdvanceSeconds(double seconds) => Advance(TimeSpan.FromSeconds(seconds));
}
