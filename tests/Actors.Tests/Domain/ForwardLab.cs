using System.Net;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Connections on scripted sockets, with a probe for the registry: what they ask for, what they answer, whom they meet.</summary>
internal sealed class ForwardLab : IAuthenticator, IRelay, IForwarder
{
    public static readonly NodeAddress Other = new("node-2", new IPEndPoint(IPAddress.Loopback, 1));

    private readonly NodeOptions _options = RegistryLab.Options();

    public ForwardLab() => Registry = Lab.Probe<RegistryMessage>();

    public ActorLab Lab { get; } = new();

    public TestProbe<RegistryMessage> Registry { get; }

    /// <summary>What was asked of other nodes, and their answers to come.</summary>
    public List<(NodeAddress To, ForwardRequest Request, TaskCompletionSource<ForwardOutcome> Answer)> Forwards { get; } = [];

    /// <summary>How connections of other nodes ended, as it is counted.</summary>
    public CountedOutcomes Outcomes { get; } = new("instancer.forwarded.connections");

    /// <summary>The tenures of the sessions that were started.</summary>
    public List<ITenure> Sessions { get; } = [];

    /// <summary>All that the last of them is held to.</summary>
    public SessionTerms? Terms { get; private set; }

    /// <summary>What clients may take.</summary>
    public ChangingLimits Limits { get; } = new();

    public RegistryMessage.Acquire Acquire => Registry.Received.OfType<RegistryMessage.Acquire>().Last();

    public ScriptedSocket Client()
    {
        var socket = new ScriptedSocket();
        Lab.Spawn(() => new ClientConnectionActor(Scope(), socket), SupervisionStrategy.Stopping);
        var bytes = new byte[Preamble.Length];
        bytes[^1] = 7;
        socket.Preamble.SetResult(new PreambleOutcome.Complete(new Preamble(bytes)));
        Lab.Run();
        return socket;
    }

    public ScriptedSocket Forwarded(ForwardRequest request) => Forwarded(new ForwardOpening.Client(request));

    public ScriptedSocket Forwarded(ForwardOpening opening)
    {
        var socket = new ScriptedSocket();
        var scope = new ForwardScope(
            new Dictionary<string, ConnectionScope> { [Keys.Challenge] = Scope() }, new NodeMetrics(Outcomes), Lab.Log);
        Lab.Spawn(() => new ForwardedConnectionActor(scope, socket), SupervisionStrategy.Stopping);
        socket.Opening.SetResult(opening);
        Lab.Run();
        return socket;
    }

    /// <summary>The registry's answer to the last that asked.</summary>
    public void Reply(ConnectionMessage message) => Lab.Tell(Acquire.Connection, message);

    /// <summary>The other node's answer to the last request.</summary>
    public void Answer(ForwardOutcome outcome)
    {
        Forwards[^1].Answer.SetResult(outcome);
        Lab.Run();
    }

    public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => new(new Client("ann", Keys.Token("ann")));

    public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken) =>
        Task.FromResult<DialOutcome>(new DialOutcome.Connected(new ScriptedSocket()));

    public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms)
    {
        Terms = terms;
        Sessions.Add(terms.Tenure);
        return new ScriptedSession();
    }

    public Task<ForwardOutcome> ForwardAsync(NodeAddress to, ForwardRequest request, CancellationToken cancellationToken)
    {
        Forwards.Add((to, request, new TaskCompletionSource<ForwardOutcome>()));
        return Forwards[^1].Answer.Task;
    }

    private ConnectionScope Scope() => new(
        _options.Challenges[0], _options, this, this, TokenHash.Random, Registry.Ref, new NodeMetrics(new PlainMeters()), Lab.Log)
    {
        Limits = Limits,
        Cluster = new ClusterPorts { Listener = new NoListener(), Forwarder = this, LeaveAsync = () => Task.CompletedTask },
    };

    private sealed class NoListener : IListener
    {
        public string LocalAddress => "nowhere";

        public Task<AcceptOutcome> AcceptAsync() => Task.FromResult<AcceptOutcome>(new AcceptOutcome.Closed());

        public void Dispose()
        {
        }
    }

    private sealed class ScriptedSession : ISession
    {
        private readonly TaskCompletionSource<SessionEnd> _completion = new();

        public Task<SessionEnd> Completion => _completion.Task;

        public long BytesRelayed => 0;

        public void Reset() => _completion.TrySetResult(new SessionEnd(SessionEndCause.Revoked, 0, 0));
    }
}

/// <summary>A socket that does what a test says.</summary>
internal sealed class ScriptedSocket : IForwardedSocket, IBackendSocket
{
    public TaskCompletionSource<PreambleOutcome> Preamble { get; } = new();

    public TaskCompletionSource<ForwardOpening> Opening { get; } = new();

    public TaskCompletionSource ClientReset { get; } = new();

    public List<ForwardAnswer> Answers { get; } = [];

    public bool IsClosed { get; private set; }

    public string RemoteAddress => "192.0.2.1:5";

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

    public void Notify(ClientNotice notice)
    {
        // Nobody stands in front of it.
    }

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken) => Preamble.Task;

    public Task<ForwardOpening> ReadRequestAsync(CancellationToken cancellationToken) => Opening.Task;

    public Task WaitForResetAsync(CancellationToken cancellationToken) => ClientReset.Task.WaitAsync(cancellationToken);

    public void Answer(ForwardAnswer answer) => Answers.Add(answer);

    public void Reset() => IsClosed = true;

    public void Dispose() => IsClosed = true;
}
