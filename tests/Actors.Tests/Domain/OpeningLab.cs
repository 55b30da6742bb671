using System.Net;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

/// <summary>One connection of a client: its socket, authenticator and relay are scripted, a probe is the registry.</summary>
internal sealed class OpeningLab : IClientSocket, IAuthenticator, IRelay
{
    private readonly byte[] _preamble = [.. Enumerable.Repeat((byte)1, Connections.Preamble.Length)];

    public OpeningLab() => Registry = Actors.Probe<RegistryMessage>();

    public ActorLab Actors { get; } = new();

    public TestProbe<RegistryMessage> Registry { get; }

    public ChangingLimits Limits { get; } = new();

    public ChallengeScope Scope { get; init; } = ChallengeScope.Identifier;

    /// <summary>What it has done of what it is asked.</summary>
    public ValueTask<bool> Pass { get; set; } = new(true);

    /// <summary>Whose its token is.</summary>
    public ValueTask<Authentication> Answer { get; set; } = new(new Client("ann", Keys.Token("ann")));

    public TaskCompletionSource ClientReset { get; } = new();

    public List<ClientNotice> Notices { get; } = [];

    public List<SessionTerms> Sessions { get; } = [];

    public TaskCompletionSource<SessionEnd> Session { get; } = new();

    /// <summary>How it ended, as it is counted.</summary>
    public CountedOutcomes Outcomes { get; } = new("instancer.connections.ended");

    public bool IsRead { get; private set; }

    public bool IsClosed { get; private set; }

    public bool IsAsked { get; private set; }

    public bool IsErased => _preamble.All(value => value == 0);

    public bool IsAdmitted => Registry.Received.OfType<RegistryMessage.Acquire>().Any();

    public TaskCompletionSource<PreambleOutcome> Preamble { get; } = new();

    public string RemoteAddress => "192.0.2.1:5";

    private ActorRef<ConnectionMessage>? Connection { get; set; }

    public void Connect()
    {
        var options = RegistryLab.Options(RegistryLab.Challenge() with { Scope = Scope });
        var scope = new ConnectionScope(options.Challenges[0], options, this, this, TokenHash.Random, Registry.Ref, new NodeMetrics(Outcomes), Actors.Log) { Limits = Limits };
        Connection = Actors.Spawn(() => new ClientConnectionActor(scope, this), SupervisionStrategy.Stopping);
    }

    public void SendPreamble()
    {
        Preamble.SetResult(new PreambleOutcome.Complete(new Preamble(_preamble)));
        Actors.Run();
    }

    public void Tell(params ConnectionMessage[] messages) => Actors.Tell(Connection!, messages);

    /// <summary>The instance is ready, and the dial succeeds.</summary>
    public void Grant()
        => Tell(ConnectionMessage.LeasePending.Instance, new ConnectionMessage.LeaseGranted(new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, 1)), UnlimitedTenure.Instance));

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => Pass;

    public void Notify(ClientNotice notice) => Notices.Add(notice);

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        IsRead = true;
        return Preamble.Task;
    }

    public Task WaitForResetAsync(CancellationToken cancellationToken) => ClientReset.Task.WaitAsync(cancellationToken);

    public void Reset() => IsClosed = true;

    public void Dispose() => IsClosed = true;

    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken)
    {
        IsAsked = true;
        return Answer;
    }

    public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken)
        => Task.FromResult<DialOutcome>(new DialOutcome.Connected(new NoSocket()));

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms)
    {
        Sessions.Add(terms);
        return new ScriptedSession(Session);
    }

    private sealed class NoSocket : IBackendSocket
    {
        public void Dispose()
        {
        }
    }

    private sealed class ScriptedSession(TaskCompletionSource<SessionEnd> completion) : ISession
    {
        public Task<SessionEnd> Completion => completion.Task;

        public long BytesRelayed => 0;

        public void Reset() => completion.TrySetResult(new SessionEnd(SessionEndCause.Revoked, 0, 0));
    }
}
