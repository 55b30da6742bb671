namespace Instancer.TestKit.Simulation;

/// <summary>What happens to the engine, and to what runs on it.</summary>
public sealed partial class NodeSimulation
{
    private void Exit()
        => Say("a backend exits", _engine.Backends.Where(backend => backend.IsAlive).ToList(), backend =>
        {
            if (_state.Bugs.HasFlag(PlantedBugs.SecondBackend))
            {
                backend.ReportExit();
                return;
            }

            switch (_random.Next(10))
            {
                case 0:
                    _engine.RemoveUnseen(backend);
                    break;
                case < 3:
                    backend.Die();
                    break;
                default:
                    backend.Exit("exited");
                    break;
            }

            foreach (var session in _node.Relay.Sessions.Where(session => session.Backend == backend && _random.Chance(0.8)).ToList())
            {
                _node.Calls.Add(() => session.End(Actors.Connections.SessionEndCause.BackendReset));
            }
        });

    private void Copy()
        => Say("somebody copies a backend", [.. _engine.Backends], backend => _engine.Copy(backend, _random.Chance(0.7), _state.Time.GetUtcNow()));

    private void SwitchEngine()
    {
        _engine.IsAvailable = !_engine.IsAvailable;
        _state.Say($"the engine is {(_engine.IsAvailable ? "back" : "gone")}");
        if (!_engine.IsAvailable && _random.Chance(0.3))
        {
            // The engine's host goes down with all that runs on it, and nobody is told.
            _engine.Backends.Where(backend => backend.IsAlive).ToList().ForEach(backend => backend.Die());
        }
    }
}
