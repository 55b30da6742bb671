using Instancer.Actors;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation;

/// <summary>What must hold whenever all that can run has run, before time goes on: it takes a few messages to come about.</summary>
internal sealed class SettledInvariants(NodeOptions options, SimulationState state)
{
    /// <summary>How long a stranger may hold a full door shut: its grace, and the longest pause of a gateway that has failed.</summary>
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(7);

    private readonly Dictionary<string, (FakeClient Client, TimeSpan Since)> _holders = [];

    public void Check(SimulatedNode node, IReadOnlyList<FakeClient> clients)
    {
        if (node.Node.Completion.IsCompleted)
        {
            return;
        }

        CheckSessions(node);
        foreach (var client in clients)
        {
            state.Check(7, !client.HoldsPreamble, () => $"the preamble of client {client.RemoteAddress} is kept");
        }

        foreach (var challenge in options.Challenges)
        {
            CheckDoor(node.Listeners[challenge.Name], challenge.Name, [.. clients.Where(client => client.Challenge == challenge.Name && client.AcceptedAt is not null && !client.IsClosed)]);
        }
    }

    /// <summary>Sessions end in their time; and the leases of those that were revoked are others' by now, so that they are counted when they have ended.</summary>
    private void CheckSessions(SimulatedNode node)
    {
        var now = state.Time.Uptime();
        var sessions = node.Relay.Sessions;
        for (var i = 0; i < sessions.Count; i++)
        {
            var session = sessions[i];
            state.Check(11, session.EndsAt is not { } end || now < end, () => $"the session of client {session.Client.RemoteAddress} lasts for longer than it may");
            var number = 1 + sessions.Take(i).Count(other => other.Backend == session.Backend);
            state.Check(11, session.MostBeside is not { } most || number <= most, () => $"client {session.Client.RemoteAddress} is number {number} at {session.Backend.Id}, of {session.MostBeside}");
        }
    }

    private void CheckDoor(FakeListener listener, string challenge, List<FakeClient> open)
    {
        var now = state.Time.Uptime();
        var oldest = open.FirstOrDefault(client => client.IsOpening);
        if (oldest is null || open.Count < options.Gateway.MaxConnections || listener.Waiting == 0)
        {
            _holders.Remove(challenge);
        }
        else if (!_holders.TryGetValue(challenge, out var holder) || holder.Client != oldest)
        {
            _holders[challenge] = (oldest, now);
        }
        else
        {
            state.Check(10, now - holder.Since <= LongestHold, () => $"client {oldest.RemoteAddress} says nothing and holds the door of {challenge} shut");
        }
    }
}
