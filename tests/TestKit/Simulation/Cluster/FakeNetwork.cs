using Instancer.Actors.Connections;
using Instancer.Actors.Registry;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>What is between the nodes: each pair's way to each other may be cut. What was said meanwhile arrives when it is mended, unless somebody lost patience.</summary>
internal sealed class FakeNetwork(SimulationState state)
{
    private readonly List<ForwardedConnection> _connections = [];
    private readonly HashSet<(SimulatedHost, SimulatedHost)> _cuts = [];

    public IReadOnlyList<ForwardedConnection> Connections => _connections;

    public IReadOnlyCollection<(SimulatedHost, SimulatedHost)> Cuts => _cuts;

    /// <summary>Requests on their way to the store.</summary>
    public PendingCalls ToStore { get; } = new(state.Random);

    public bool HasWork => ToStore.Any || _connections.Exists(CanMove);

    public void Open(ForwardedConnection connection)
    {
        _connections.RemoveAll(other => other.IsOver && !other.HasWork);
        _connections.Add(connection);
        connection.Open(state.Random.Seconds(2, 5));
        if (IsCut(connection))
        {
            LosePatience(connection);
        }
    }

    public void HappenOne()
    {
        var movable = _connections.FindAll(CanMove);
        var choice = state.Random.Next(movable.Count + (ToStore.Any ? 1 : 0));
        if (choice < movable.Count)
        {
            movable[choice].HappenOne(state.Random);
        }
        else if (ToStore.Any)
        {
            ToStore.HappenOne();
        }
    }

    public void Cut(SimulatedHost one, SimulatedHost other)
    {
        _cuts.Add((one, other));
        _connections.FindAll(IsCut).ForEach(LosePatience);
    }

    public void Mend(SimulatedHost one, SimulatedHost other) => _cuts.RemoveWhere(cut => cut == (one, other) || cut == (other, one));

    public void MendAll() => _cuts.Clear();

    /// <summary>A process has ended: whoever it was connected to is told, if there is a way.</summary>
    public void NoteEnd(ClusterNode node) => _connections.ForEach(connection => connection.NoteEnd(node));

    private bool IsCut(ForwardedConnection connection)
    {
        var (one, other) = (connection.Source.Host, connection.TargetHost);
        return _cuts.Contains((one, other)) || _cuts.Contains((other, one));
    }

    private bool CanMove(ForwardedConnection connection) => connection.HasWork && !IsCut(connection);

    // If it is mended and cut again meanwhile it is given up early, as may well be.
    private void LosePatience(ForwardedConnection connection)
        => state.Time.CreateTimer(
            _ =>
            {
                if (IsCut(connection))
                {
                    connection.Break();
                }
            },
            null,
            state.Random.Seconds(5, 20),
            Timeout.InfiniteTimeSpan);
}

/// <summary>One node's way to pass connections on.</summary>
internal sealed class FakeForwarder(ClusterNode source, SimulatedCluster cluster) : IForwarder
{
    public Task<ForwardOutcome> ForwardAsync(NodeAddress to, ForwardRequest request, CancellationToken cancellationToken)
    {
        var state = source.State;
        state.MayThrow();
        var target = cluster.Hosts.FirstOrDefault(host => host.Address.Equals(to.EndPoint));
        state.Check(10, target is not null && target.Name == to.Node, () => $"{source.Host.Name} passes a connection on to {to}, which does not exist");
        state.Check(10, target != source.Host, () => $"{source.Host.Name} passes a connection on to itself");
        var client = source.FindClient(request.RemoteAddress);
        state.Check(
            7,
            client is not null && state.IsAccepted(request.Key) && client.Challenge == request.Key.Challenge && (!state.TokenChallenges.Contains(client.Challenge) || client.Key == request.Key),
            () => $"{source.Host.Name} passes client {request.RemoteAddress} on for {request.Key.ToShortString()}");
        if (target is null || client is null)
        {
            return Task.FromResult<ForwardOutcome>(new ForwardOutcome.Refused("there is no such node, or no such client"));
        }

        state.Say($"{source.Host.Name} passes client {request.RemoteAddress} on to {target.Name}");
        var connection = new ForwardedConnection(source, target, request, client);
        cancellationToken.Register(() => connection.GiveUp(new ForwardOutcome.Moved("given up")));
        cluster.Network.Open(connection);
        return connection.Outcome;
    }
}
