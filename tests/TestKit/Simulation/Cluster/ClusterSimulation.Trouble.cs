using Instancer.Actors.Connections;
using Instancer.TestKit.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What goes wrong, and what is mended.</summary>
public sealed partial class ClusterSimulation
{
    private void MakeTrouble()
    {
        switch (_random.Next(100))
        {
            case < 12:
                Exit();
                break;
            case < 18:
                Say("an engine goes", _cluster.Hosts.Where(host => host.Engine.IsAvailable), StopEngine);
                break;
            case < 23:
                var many = _random.Chance(0.1);
                _state.Say(many ? "handlers fail for a while" : "a handler will fail");
                _state.ArmThrow(many ? 60 : 1);
                break;
            case < 33:
                Say("a node is killed", _cluster.Hosts.Where(host => host.Running is not null), host =>
                {
                    _state.Say($"{host.Name} is killed");
                    _cluster.End(host);
                });
                break;
            case < 45:
                Say("a node is paused", _cluster.Nodes.Where(node => node.IsAwake), node =>
                {
                    _state.Say($"{node.Host.Name} is paused");
                    node.Pause();
                });
                break;
            case < 52:
                Say("a node drains", _cluster.Nodes.Where(node => node.IsAwake && node.Drain is null), node =>
                {
                    _state.Say($"{node.Host.Name} drains");
                    node.Drain = new NodeDrain(node);
                });
                break;
            case < 66:
                Say("a node is cut off from the store", _cluster.Hosts.Where(host => host.Link == LinkState.Up), host =>
                {
                    _state.Say($"{host.Name} is cut off from the store");
                    _cluster.SetLink(host, _random.Pick(LinkState.Refusing, LinkState.Silent));
                });
                break;
            case < 74:
                Cut();
                break;
            case < 78:
                _state.Say("the store is out");
                _cluster.SetEtcd(isOut: true, _random.Pick(LinkState.Refusing, LinkState.Silent));
                break;
            case < 90:
                TroubleTheStore();
                break;
            case < 95:
                Say("a wall clock is set", _cluster.Hosts, host => host.Clock.StepWallClock(_random.Seconds(-300, 300)));
                break;
            case < 97:
                Say("somebody copies a backend", _cluster.Hosts.Where(host => host.Engine.Backends.Count > 0), host =>
                    host.Engine.Copy(_random.Pick([.. host.Engine.Backends]), _random.Chance(0.7), host.Clock.UtcNow));
                break;
            default:
                Say("memory changes", _cluster.Nodes, node => node.Memory.Available = _random.Pick(10, 90, 100, 130, 1000));
                break;
        }
    }

    private void TroubleTheStore()
    {
        switch (_random.Next(4))
        {
            case 0:
                _state.Say("the store forgets");
                _cluster.Etcd.Compact(_cluster.Etcd.Revision);
                break;
            case 1:
                _state.Say("another member leads");
                _cluster.Etcd.ExtendLeases();
                break;
            case 2:
                Say("an answer of the store is lost", _cluster.Nodes, node => node.Link.LoseAnswers = _random.Next(1, 3));
                break;
            default:
                Say("the store is slow", _cluster.Nodes, node => node.Link.Delay = TimeSpan.FromMilliseconds(_random.Next(0, 900)));
                break;
        }
    }

    /// <summary>Something is mended, so that the rest goes wrong at a whole.</summary>
    private void Recover()
    {
        switch (_random.Next(6))
        {
            case 0:
                Say("a node is started", _cluster.Hosts.Where(host => host.Running is null), host =>
                {
                    _state.Say($"{host.Name} is started");
                    _cluster.Start(host);
                });
                break;
            case 1:
                Say("a node goes on", _cluster.Nodes.Where(node => !node.IsAwake), node =>
                {
                    _state.Say($"{node.Host.Name} goes on");
                    node.Continue();
                });
                break;
            case 2:
                Say("the way to the store is mended", _cluster.Hosts.Where(host => host.Link != LinkState.Up), host => _cluster.SetLink(host, LinkState.Up));
                break;
            case 3:
                Say("a way between nodes is mended", _cluster.Network.Cuts, cut => _cluster.Network.Mend(cut.Item1, cut.Item2));
                break;
            case 4 when _cluster.IsEtcdOut:
                _state.Say("the store is back");
                _cluster.SetEtcd(isOut: false, LinkState.Up);
                break;
            default:
                Say("an engine is back", _cluster.Hosts.Where(host => !host.Engine.IsAvailable), host => host.Engine.IsAvailable = true);
                break;
        }
    }

    private void Cut()
    {
        var (one, other) = (_random.Pick([.. _cluster.Hosts]), _random.Pick([.. _cluster.Hosts]));
        if (one != other)
        {
            _state.Say($"the way between {one.Name} and {other.Name} is cut");
            _cluster.Network.Cut(one, other);
        }
    }

    private void Exit() => Say("a backend exits", _cluster.Backends.Where(backend => backend.IsAlive), backend =>
    {
        switch (_random.Next(10))
        {
            case 0:
                _cluster.Hosts.First(host => host.Engine.Backends.Contains(backend)).Engine.RemoveUnseen(backend);
                break;
            case < 3:
                backend.Die();
                break;
            default:
                backend.Exit("exited");
                break;
        }

        foreach (var node in _cluster.Nodes)
        {
            foreach (var session in node.Relay.Sessions.Where(session => session.Backend == backend && _random.Chance(0.8)))
            {
                node.Deliver(() => session.End(SessionEndCause.BackendReset));
            }
        }
    });

    private void StopEngine(SimulatedHost host)
    {
        host.Engine.IsAvailable = false;
        if (_random.Chance(0.3))
        {
            // It goes down with all that runs on it, and nobody is told.
            host.Engine.Backends.Where(backend => backend.IsAlive).ToList().ForEach(backend => backend.Die());
        }
    }
}
