using Instancer.Actors.Runtime;
using Instancer.Bench.Net;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Bench.Actors;

/// <summary><c>bench actors [--rounds N] [--out FILE.md]</c>: what the actor runtime costs, on one thread.</summary>
internal static class ActorsBench
{
    private const int Messages = 2_000_000;
    private const int IdleActors = 200_000;

    public static Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var figures = new Figures();
        // What tiered compilation makes of the code in the first two rounds is not what runs for long.
        for (var round = -2; round < arguments.Number("rounds", 7); round++)
        {
            var into = round < 0 ? new Figures() : figures;
            PingPong(into, inFlight: 1);
            PingPong(into, inFlight: 64);
            Flood(into);
            Idle(into);
            SpawnAndStop(into);
        }

        return Task.FromResult(figures.Write(arguments.Text("out")));
    }

    private static void PingPong(Figures figures, int inFlight)
    {
        var (dispatcher, system) = NewSystem();
        var left = new Player();
        var right = new Player();
        var leftRef = system.Spawn(() => left, "left");
        var rightRef = system.Spawn(() => right, "right");
        (left.Peer, right.Peer) = (rightRef, leftRef);
        dispatcher.Run();
        void Play(int messages)
        {
            left.Remaining = right.Remaining = messages / 2;
            for (var i = 0; i < inFlight; i++)
            {
                leftRef.Tell(Ball.Instance);
            }

            dispatcher.Run();
        }

        Play(10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (wall, cpu) = Figures.Time(() => Play(Messages));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        figures.Add($"ping-pong, {inFlight} in flight: messages/s", Messages / wall, ">= 5,000,000");
        figures.Add($"ping-pong, {inFlight} in flight: messages per CPU second", Messages / cpu);
        figures.Add($"ping-pong, {inFlight} in flight: bytes allocated per message", (double)allocated / Messages, "0");
    }

    private static void Flood(Figures figures)
    {
        var (dispatcher, system) = NewSystem();
        var sink = system.Spawn(() => new Sink(), "sink");
        dispatcher.Run();
        void Pour(int messages)
        {
            for (var told = 0; told < messages; told += 1000)
            {
                for (var i = 0; i < 1000; i++)
                {
                    sink.Tell(Ball.Instance);
                }

                dispatcher.Run();
            }
        }

        Pour(10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var (wall, cpu) = Figures.Time(() => Pour(Messages));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        figures.Add("one-way flood: messages/s", Messages / wall, ">= 5,000,000");
        figures.Add("one-way flood: messages per CPU second", Messages / cpu);
        figures.Add("one-way flood: bytes allocated per message", (double)allocated / Messages, "0");
    }

    private static void Idle(Figures figures)
    {
        var (dispatcher, system) = NewSystem();
        dispatcher.Run();
        var actors = new ActorRef<Ball>[IdleActors];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < actors.Length; i++)
        {
            actors[i] = system.Spawn(static () => new Sink(), "sink");
        }

        dispatcher.Run();
        var fresh = GC.GetTotalMemory(forceFullCollection: true) - before;
        foreach (var actor in actors)
        {
            actor.Tell(Ball.Instance);
        }

        dispatcher.Run();
        var used = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(actors);
        figures.Add("idle actor: bytes", (double)fresh / IdleActors, "<= 400");
        figures.Add("idle actor that has handled a message: bytes", (double)used / IdleActors, "<= 400");
    }

    private static void SpawnAndStop(Figures figures)
    {
        const int Actors = 100_000;
        var (dispatcher, system) = NewSystem();
        dispatcher.Run();
        var (wall, _) = Figures.Time(() =>
        {
            for (var i = 0; i < Actors; i++)
            {
                var actor = system.Spawn(static () => new Sink(), "sink");
                dispatcher.Run();
                system.Stop(actor);
                dispatcher.Run();
            }
        });
        figures.Add("spawn, start, stop: actors/s", Actors / wall);
    }

    private static (LoopDispatcher Dispatcher, ActorSystem System) NewSystem()
    {
        var dispatcher = new LoopDispatcher();
        return (dispatcher, new ActorSystem("bench", dispatcher, TimeProvider.System, NullLogger.Instance));
    }

    private sealed class Ball
    {
        public static Ball Instance { get; } = new();
    }

    private sealed class Player : Actor<Ball>
    {
        public ActorRef<Ball>? Peer { get; set; }

        public int Remaining { get; set; }

        protected internal override void Receive(Ball message)
        {
            if (Remaining-- > 0)
            {
                Peer!.Tell(message);
            }
        }
    }

    private sealed class Sink : Actor<Ball>
    {
        protected internal override void Receive(Ball message)
        {
        }
    }
}
