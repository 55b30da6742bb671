using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit.Simulation;

/// <summary>Dials and sessions without bytes: who is connected to what, and how it ends.</summary>
internal sealed class FakeRelay(FakeEngine engine, PendingCalls calls, SimulationState state) : IRelay
{
    private readonly List<FakeSession> _sessions = [];

    public IReadOnlyList<FakeSession> Sessions => _sessions;

    public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken)
    {
        state.MayThrow();
        var answer = new TaskCompletionSource<DialOutcome>();
        cancellationToken.Register(() => answer.TrySetResult(new DialOutcome.Failed("given up")));
        if (!state.Random.Chance(0.02))
        {
            // The answer is on its way for a while, and the backend may end before it is read.
            calls.Add(() =>
            {
                var outcome = Dial(address);
                calls.Add(() => answer.TrySetResult(outcome));
            });
        }

        return answer.Task;
    }

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms)
    {
        if (backend is IPassedOnSocket passedOn)
        {
            return passedOn.Start((FakeClient)client);
        }

        var socket = (ISimulatedClient)client;
        var session = new FakeSession(socket, ((FakeBackendSocket)backend).Backend, this, terms.Tenure);
        socket.Session = session;
        var limits = state.Limits.Truth(session.Client.Challenge);
        session.EndsAt = state.Time.Uptime() + limits.SessionLength;
        session.MostBeside = state.Limits.Most(session.Client.Challenge, limits => limits.SessionsPerInstance, SimulatedLimits.LongestWait);
        CheckStart(session);
        _sessions.Add(session);
        if (socket.HasVanished)
        {
            session.End(SessionEndCause.ClientReset);
        }

        // One that dies with its whole network says nothing more, not even that.
        if (!session.Backend.IsAlive && state.Random.Chance(0.7))
        {
            session.End(SessionEndCause.BackendReset);
        }

        return session;
    }

    public void Ended(FakeSession session) => _sessions.Remove(session);

    private DialOutcome Dial(BackendAddress address)
    {
        var backend = engine.At(address);
        if (state.Bugs.HasFlag(PlantedBugs.CrossedWires))
        {
            backend = engine.Backends.FirstOrDefault(other => other.IsAlive) ?? backend;
        }

        return backend is { IsAlive: true, IsUsable: true } && !state.Random.Chance(0.03)
            ? new DialOutcome.Connected(new FakeBackendSocket(backend))
            : new DialOutcome.Failed("connection refused");
    }

    private void CheckStart(FakeSession session)
    {
        var (client, backend) = (session.Client, session.Backend);
        var hasToken = state.TokenChallenges.Contains(client.Challenge);
        state.Check(
            7, !hasToken || state.Accepted.Contains(client.Key.Token), () => $"client {client.RemoteAddress} is served without an accepted token");
        state.Check(7, !hasToken || state.Admitted.Contains(client.RemoteAddress), () => $"client {client.RemoteAddress} is served, and nobody said that it is accepted");
        state.Check(
            1,
            hasToken ? backend.Owner == client.Key : backend.Owner.Challenge == client.Challenge,
            () => $"client {client.RemoteAddress} of {client.Key.ToShortString()} meets {backend.Id} of {backend.Owner.ToShortString()}");
        state.Check(1, !backend.IsSpare || backend.TakenFor is not null, () => $"client {client.RemoteAddress} meets {backend.Id}, a spare that is nobody's");
        state.Check(8, !backend.IsCondemned, () => $"client {client.RemoteAddress} meets {backend.Id}, which a reset should have ended");
        var served = backend.Served ??= backend.Owner;
        state.Check(1, served == backend.Owner, () => $"{backend.Id} of {backend.Owner.ToShortString()} has served {served.ToShortString()}");
        var other = _sessions.Find(
            session => session.Backend.Served == served && session.Backend != backend && session.Backend.IsAlive);
        state.Check(1, other is null, () => $"{backend.Id} and {other!.Backend.Id} are both reachable under {served.ToShortString()}");
        if (hasToken && client.Identifier == Preamble.ResetIdentifier)
        {
            var earlier = client.EarlierBackends.FirstOrDefault(backend => !backend.IsGone && !state.IsOutOfReach(backend));
            state.Check(8, earlier is null, () => $"a reset of {client.Key.ToShortString()} is served while {earlier!.Id} is still there");
        }
    }
}

/// <summary>A connection to a fake backend.</summary>
internal sealed class FakeBackendSocket(FakeBackend backend) : IBackendSocket
{
    public FakeBackend Backend => backend;

    public void Dispose()
    {
    }
}

/// <summary>A session of the fake relay.</summary>
internal sealed class FakeSession(ISimulatedClient socket, FakeBackend backend, FakeRelay relay, ITenure tenure) : ISimulatedSession
{
    private readonly TaskCompletionSource<SessionEnd> _completion = new();

    /// <summary>The client, to whichever node it is connected.</summary>
    public FakeClient Client => socket.Origin;

    /// <summary>Whether another node has passed it on.</summary>
    public bool IsPassedOn => socket is not FakeClient;

    public ITenure Tenure => tenure;

    /// <summary>When it is to be over; null if nothing is said of that.</summary>
    public TimeSpan? EndsAt { get; set; }

    /// <summary>How many sessions its backend may have had when it was let in, with this one; null for any number.</summary>
    public int? MostBeside { get; set; }

    public FakeBackend Backend => backend;

    public Task<SessionEnd> Completion => _completion.Task;

    public long BytesRelayed => 0;

    public void Reset() => End(SessionEndCause.Revoked);

    public void End(SessionEndCause cause)
    {
        relay.Ended(this);
        socket.SessionEnded(cause);
        _completion.TrySetResult(new SessionEnd(cause, 0, 0));
    }
}
