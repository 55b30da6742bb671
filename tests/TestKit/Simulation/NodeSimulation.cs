using System.Globalization;
using Instancer.Actors;
using Microsoft.Extensions.Logging;

namespace Instancer.TestKit.Simulation;

/// <summary>
/// One node under a seed: clients come, misbehave and go, the engine fails, handlers fail, the process is killed, and the clock
/// moves; after each step the invariants are checked. The same seed is the same run, to the last message.
/// </summary>
public sealed partial class NodeSimulation
{
    private readonly SimulationState _state;
    private readonly Random _random;
    private readonly FakeEngine _engine = new();
    private readonly NodeOptions _options;
    private readonly Invariants _invariants;
    private readonly SettledInvariants _settled;
    private readonly List<FakeClient> _clients = [];
    private readonly ILoggerFactory? _loggers;
    private SimulatedNode _node;
    private int _clientCount;
    private readonly int _mostThrows;

    // Few clients in some seeds, so that they get in each other's way.
    private readonly int _tokens;
    private readonly int _identifiers;
    private int _throws;

    private NodeSimulation(int seed, PlantedBugs bugs, Action<string>? trace, ILoggerFactory? loggers)
    {
        _state = new SimulationState(seed, bugs) { Trace = trace };
        _random = _state.Random;
        _loggers = loggers;
        _options = SimulatedOptions.Make(_state);
        SimulatedOptions.AddGate(_state, _options);
        _tokens = _random.Pick(1, 4);
        _identifiers = _random.Pick(1, 3);
        _mostThrows = _random.Chance(0.9) ? 3 : int.MaxValue;
        _invariants = new Invariants(_options, _engine, _state);
        _settled = new SettledInvariants(_options, _state);
        if (bugs.HasFlag(PlantedBugs.LostTimers))
        {
            _state.Time.LoseTimersFrom = TimeSpan.FromSeconds(3);
        }

        _node = new SimulatedNode(_options, _engine, _state, loggers);
    }

    /// <summary>Runs one seed; the first invariant that did not hold, or null.</summary>
    /// <param name="seed">What decides everything.</param>
    /// <param name="bugs">Bugs that are planted for the simulation to find.</param>
    /// <param name="trace">Is told each step.</param>
    /// <param name="loggers">Where the actors log.</param>
    public static SimulationFailure? Run(
        int seed, PlantedBugs bugs = PlantedBugs.None, Action<string>? trace = null, ILoggerFactory? loggers = null)
    {
        // Completions run on this thread, inline: a context, such as a test runner's, would move them elsewhere.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return new NodeSimulation(seed, bugs, trace, loggers).Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private SimulationFailure? Run()
    {
        for (var steps = _random.Next(100, 500); steps > 0 && _state.Failure is null; steps--)
        {
            Step();
            _invariants.CheckStep(_node, _clients);
        }

        if (_state.Failure is null)
        {
            CalmDown();
            var ending = new Ending(_node, _engine, _options, _state, _invariants);
            if (_random.Chance(0.3))
            {
                ending.Drain(_clients);
            }
            else
            {
                ending.Rest(_clients);
            }
        }

        return _state.Failure;
    }

    private void Step()
    {
        if (_node.Node.Completion.IsCompleted)
        {
            // Too many failures: the node has stopped by itself, as it should, and is started again.
            Kill();
            return;
        }

        if (_node.Dispatcher.HasWork && _random.Chance(0.65))
        {
            _node.Dispatcher.RunOne();
        }
        else if (_node.Calls.Any && _random.Chance(0.6))
        {
            _node.Calls.HappenOne();
        }
        else
        {
            Happen();
        }
    }

    private void Happen()
    {
        switch (_random.Next(100))
        {
            case < 30:
                Connect();
                break;
            case < 50:
                SendPreamble();
                break;
            case < 58:
                Say("a client vanishes", _clients.FindAll(client => !client.IsClosed), client => client.Vanish());
                break;
            case < 66:
                Say("a session ends", [.. _node.Relay.Sessions], session => session.End(_random.Pick(Ends)));
                break;
            case < 70:
                Exit();
                break;
            case < 72:
                SwitchEngine();
                break;
            case < 74:
                ArmThrow();
                break;
            case < 75:
                Kill();
                break;
            case < 77:
                SetMemory();
                break;
            case < 78:
                StepClock();
                break;
            case < 79:
                Copy();
                break;
            case < 81:
                ChangeLimits();
                break;
            case < 90:
                Advance(TimeSpan.FromMilliseconds(_random.Next(1, 2000)));
                break;
            default:
                AdvanceToTimer();
                break;
        }
    }

    private static Actors.Connections.SessionEndCause[] Ends { get; } =
        [Actors.Connections.SessionEndCause.Finished, Actors.Connections.SessionEndCause.ClientReset, Actors.Connections.SessionEndCause.BackendReset];

    private void Connect()
    {
        var challenge = _random.Pick(_options.Challenges.ToArray());
        var client = new FakeClient(++_clientCount, challenge.Name, _random.Next(_tokens), (ushort)_random.Next(_identifiers), _state);
        _state.Say($"client {_clientCount} connects for {client.Key.ToShortString()}");
        _clients.RemoveAll(other => other.IsClosed);
        _clients.Add(client);
        _node.Listeners[challenge.Name].Connect(client);
    }

    private void ChangeLimits()
    {
        if (_state.HasGate)
        {
            _state.Limits.Change(_random.Pick(_options.Challenges.ToArray()).Name);
        }
    }

    private void SendPreamble()
        => Say("a client sends what it is asked for", _clients.FindAll(client => client.IsOpening), client =>
        {
            if (client.AwaitsPass)
            {
                client.EndPass(_random.Chance(0.85), _random.Chance(0.03) ? new IOException("whoever asked fails, by order of the simulation") : null);
            }
            else if (_random.Chance(0.9))
            {
                client.SendPreamble(_engine.Backends);
            }
            else
            {
                client.EndBeforePreamble(_random.Next(130));
            }
        });

    private void ArmThrow()
    {
        if (_mostThrows == int.MaxValue && _random.Chance(0.3))
        {
            _state.Say("handlers fail for a while");
            _state.ArmThrow(60);
        }
        else if (++_throws <= _mostThrows)
        {
            _state.Say("a handler will fail");
            _state.ArmThrow();
        }
    }

    private void Kill()
    {
        _state.Say("the node is killed and started again");
        _clients.ForEach(client => client.Reset());
        _clients.Clear();
        foreach (var backend in _engine.Backends)
        {
            backend.ResetWatch();
            backend.IsStopRequested = false;
        }

        // A request that was on its way to the engine may still take effect there; nobody hears its answer.
        while (_node.Calls.Any && _random.Chance(0.5))
        {
            _node.Calls.HappenOne();
        }

        _node.Calls.Clear();
        _node.Dispatcher.Clear();
        _state.Time.ForgetTimers();
        _node = new SimulatedNode(_options, _engine, _state, _loggers);
    }

    private void SetMemory()
    {
        _node.Memory.Available = _random.Pick(10, 90, 100, 130, 1000);
        _state.Say(string.Create(CultureInfo.InvariantCulture, $"{_node.Memory.Available} bytes are available"));
    }

    private void StepClock()
    {
        var step = _random.Seconds(-100, 100);
        _state.Say($"the wall clock is set by {step}");
        _state.Time.StepWallClock(step);
    }

    private void AdvanceToTimer()
    {
        _node.Dispatcher.RunAll();
        if (_state.Time.UntilNextTimer() is { } wait)
        {
            Advance(wait);
        }
    }

    private void Advance(TimeSpan by)
    {
        // Time passes for all at once: what can run has run by then, or deadlines would mean nothing.
        _node.Dispatcher.RunAll();
        _settled.Check(_node, _clients);
        _state.Say($"time passes: {by}");
        _state.Time.Advance(by);
    }

    private void Say<T>(string what, List<T> candidates, Action<T> happens)
    {
        if (candidates.Count > 0)
        {
            var chosen = candidates[_random.Next(candidates.Count)];
            _state.Say(what);
            happens(chosen);
        }
    }

    /// <summary>No more faults from here on.</summary>
    private void CalmDown()
    {
        _state.DisarmThrow();
        _engine.IsAvailable = true;
        _node.Memory.Available = 1000;
        _node.Dispatcher.RunAll();
        if (_node.Node.Completion.IsCompleted)
        {
            Kill();
        }
    }
}
