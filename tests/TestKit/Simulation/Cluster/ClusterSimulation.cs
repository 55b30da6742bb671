using Instancer.Actors.Connections;
using Microsoft.Extensions.Logging;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>
/// Several nodes under a seed: clients come to any of them, nodes are killed, paused and drained, ways are cut between them and to the store, clocks drift and jump; after each step the
/// invariants are checked across all of them. The same seed is the same run, to the last message.
/// </summary>
public sealed partial class ClusterSimulation
{
    private readonly SimulationState _state;
    private readonly Random _random;
    private readonly SimulatedCluster _cluster;
    private readonly ClusterInvariants _invariants;
    private readonly int _tokens;
    private readonly int _identifiers;

    // In some seeds nothing much fails, so that much is served; in others nearly everything does.
    private readonly double _trouble;

    // How much of what could happen does, before time goes on.
    private readonly double _pace;
    private readonly int _burst;
    private int _clientCount;
    private bool _isCalm;

    private ClusterSimulation(int seed, ClusterBugs bugs, Action<string>? trace, ILoggerFactory? loggers, RunMeters meters)
    {
        _state = new SimulationState(seed, PlantedBugs.None) { Trace = trace };
        _random = _state.Random;
        _cluster = new SimulatedCluster(_state, bugs, loggers, meters);
        _invariants = new ClusterInvariants(_cluster);
        _tokens = _random.Pick(1, 2, 4);
        _identifiers = _random.Pick(1, 2, 3);
        _trouble = _random.Pick(0.1, 0.5, 1);
        _pace = _random.Pick(0.8, 0.95, 0.99);
        _burst = _random.Pick(1, 5, 20) * _cluster.Hosts.Count / 3;
        foreach (var host in _cluster.Hosts)
        {
            host.Clock.StepWallClock(_random.Seconds(-600, 600));
            _cluster.Start(host);
        }
    }

    /// <summary>Runs one seed; the first invariant that did not hold, or null.</summary>
    /// <param name="seed">What decides everything.</param>
    /// <param name="bugs">Bugs that are planted for the simulation to find.</param>
    /// <param name="trace">Is told each step.</param>
    /// <param name="loggers">Where the actors log.</param>
    public static SimulationFailure? Run(int seed, ClusterBugs bugs = ClusterBugs.None, Action<string>? trace = null, ILoggerFactory? loggers = null)
    {
        // Completions run on this thread, inline: a context, such as a test runner's, would move them elsewhere.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            using var meters = new RunMeters();
            return new ClusterSimulation(seed, bugs, trace, loggers, meters).Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private SimulationFailure? Run()
    {
        if (_random.Chance(0.8))
        {
            Advance(TimeSpan.FromSeconds(1));
        }

        // As much happens to many nodes as to few, and takes longer to run.
        for (var steps = _random.Next(150, 600) * 3 / Math.Max(3, _cluster.Hosts.Count - 2); steps > 0 && _state.Failure is null; steps--)
        {
            Step();
            _invariants.CheckStep();
        }

        if (_state.Failure is null)
        {
            _isCalm = true;
            new ClusterEnding(_cluster, _invariants, Advance).Run();
        }

        return _state.Failure;
    }

    private void Step()
    {
        foreach (var host in _cluster.Hosts)
        {
            Follow(host);
        }

        if (_cluster.HasWork && _random.Chance(0.6))
        {
            for (var left = _random.Next(1, _burst + 2); left > 0 && _cluster.HasWork; left--)
            {
                _cluster.HappenOne();
            }
        }
        else
        {
            Happen();
        }
    }

    /// <summary>What comes of itself: the end of a process that has failed or is done.</summary>
    private void Follow(SimulatedHost host)
    {
        if (host.Running is not { IsAwake: true } node)
        {
            return;
        }

        node.Proceed();
        if (node.Node.Completion.IsCompleted || node.Part.Completion.IsCompleted)
        {
            // Too many failures: the node has stopped by itself, as it should.
            _state.Say($"{host.Name} has stopped by itself");
            _cluster.End(host);
        }
        else if (node.Drain is { IsDone: true })
        {
            _state.Say($"{host.Name} has drained");
            CheckDrained(node);
            _cluster.End(host);
        }
    }

    private void CheckDrained(ClusterNode node)
    {
        var open = node.Drain!.IsClean ? node.Clients.FirstOrDefault(client => !client.IsClosed) : null;
        _state.Check(4, open is null, () => $"client {open!.RemoteAddress} is still open after {node.Host.Name} has drained");
    }

    private void Happen()
    {
        switch (_random.Next(100))
        {
            case < 20:
                Connect();
                break;
            case < 38:
                SendPreamble();
                break;
            case < 42:
                Say("a client vanishes", _cluster.Nodes.SelectMany(node => node.Clients).Where(client => !client.IsClosed), client => client.Vanish());
                break;
            case < 47:
                EndSession();
                break;
            case < 66:
                Advance(TimeSpan.FromMilliseconds(_random.Next(1, 2000)));
                break;
            case < 78:
                AdvanceToTimer();
                break;
            case < 79:
                Advance(_random.Seconds(2, 12));
                break;
            case < 86:
                Recover();
                break;
            default:
                if (_random.Chance(_trouble))
                {
                    MakeTrouble();
                }

                break;
        }
    }

    private static SessionEndCause[] Ends { get; } = [SessionEndCause.Finished, SessionEndCause.ClientReset, SessionEndCause.BackendReset];

    private void Connect() => Say("a client connects", _cluster.Nodes.Where(node => node.Listeners.Values.All(listener => !listener.IsClosed)), node =>
    {
        var challenge = _random.Pick(node.Options.Challenges.ToArray());
        // A token that is not accepted now and then.
        var token = _random.Chance(0.03) ? 99 : _random.Next(_tokens);
        var client = new FakeClient(++_clientCount, challenge.Name, token, (ushort)_random.Next(_identifiers), _state);
        _state.Say($"client {_clientCount} connects to {node.Host.Name} for {client.Key.ToShortString()}");
        node.Connect(client);
    });

    private void SendPreamble()
        => Say("a client sends its preamble", _cluster.Nodes.SelectMany(node => node.Clients).Where(client => client.AwaitsPreamble), client =>
        {
            _state.Say($"it is client {client.RemoteAddress}");
            if (_random.Chance(0.95))
            {
                // What a reset is to end is what its owner has in the store: what a process left behind is nobody's until somebody claims it.
                client.SendPreamble(_cluster.Hosts.SelectMany(host => host.Engine.Backends.Where(backend => _cluster.OwnerOf(backend.Owner)?.Value == host.Name)));
            }
            else
            {
                client.EndBeforePreamble(_random.Next(130));
            }
        });

    private void EndSession()
    {
        var passedOn = _cluster.Network.Connections.Where(connection => connection.Source.IsAwake).Select(connection => connection.PassedOn?.Session).OfType<ISimulatedSession>();
        var sessions = _cluster.Nodes.Where(node => node.IsAwake).SelectMany(node => node.Relay.Sessions).Concat(passedOn).Where(session => !session.Completion.IsCompleted);
        Say("a session ends", sessions, session => session.End(_random.Pick(Ends)));
    }

    private void AdvanceToTimer()
    {
        Work();
        if (_state.Time.UntilNextTimer() is { } wait)
        {
            Advance(wait);
        }
    }

    /// <summary>Time passes for all at once; what can run has run by then, or deadlines would mean nothing.</summary>
    private void Advance(TimeSpan by)
    {
        _state.Say($"time passes: {by}");
        do
        {
            Work();
            var step = _state.Time.UntilNextTimer() is { } wait && wait < by ? wait : by;
            _state.Time.Advance(step);
            by -= step;
        }
        while (by > TimeSpan.Zero && _state.Failure is null);
        Work();
    }

    /// <summary>Every node that runs does what it has to do; of what is on its way most arrives.</summary>
    private void Work()
    {
        bool moved;
        do
        {
            moved = false;
            var first = _random.Next(_cluster.Hosts.Count);
            for (var i = 0; i < _cluster.Hosts.Count; i++)
            {
                moved |= Work(_cluster.Hosts[(first + i) % _cluster.Hosts.Count]);
            }

            while (_cluster.Network.HasWork && GoesOn())
            {
                _cluster.Network.HappenOne();
                moved = true;
            }
        }
        while (moved);
    }

    private bool Work(SimulatedHost host)
    {
        if (host.Running is not { IsAwake: true } node)
        {
            return false;
        }

        var moved = false;
        node.Dispatcher.RunAll();
        node.Proceed();
        while (node.Calls.Any && GoesOn())
        {
            node.Calls.HappenOne();
            node.Dispatcher.RunAll();
            node.Proceed();
            moved = true;
        }

        return moved;
    }

    private bool GoesOn() => _isCalm || _random.Chance(_pace);

    private void Say<T>(string what, IEnumerable<T> candidates, Action<T> happens)
    {
        var list = candidates.ToList();
        if (list.Count > 0)
        {
            var chosen = list[_random.Next(list.Count)];
            _state.Say(what);
            happens(chosen);
        }
    }
}
