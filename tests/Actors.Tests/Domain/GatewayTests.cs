using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Domain;

public sealed class GatewayTests
{
    private const int AcceptResumed = 102;
    private const int AcceptFailed = 106;

    private readonly ActorLab _lab = new();
    private readonly ScriptedListener _listener = new();

    [Fact]
    public void An_accept_that_fails_is_logged_once_and_tried_again_after_a_pause()
    {
        Start(maxConnections: 10);
        var bug = new InvalidOperationException("nobody expected this");
        for (var i = 1; i <= 3; i++)
        {
            End(accept => accept.SetException(bug));
            Assert.Equal(i, _listener.Accepts);
            _lab.AdvanceSeconds(1);
        }

        var client = Connect();
        Assert.True(client.IsServed);
        Assert.Same(bug, Assert.Single(_lab.Log.Of(AcceptFailed)).Exception);
        Assert.Single(_lab.Log.Of(AcceptResumed));
    }

    [Fact]
    public void An_accept_that_is_cancelled_is_tried_again_too()
    {
        Start(maxConnections: 10);
        End(accept => accept.SetCanceled());
        _lab.AdvanceSeconds(1);
        Assert.True(Connect().IsServed);
    }

    [Fact]
    public void An_accept_under_way_outlives_a_restart()
    {
        var gateway = Start(maxConnections: 10);
        _listener.FailsToClose = true;
        _lab.Tell(gateway, new GatewayMessage.Drain(new ReplyTo<Drained>(gateway.Path), TimeSpan.FromSeconds(30)));
        _lab.AdvanceSeconds(1);
        Assert.Equal(1, _listener.Accepts);

        var client = Connect();
        Assert.True(client.IsServed);
        Assert.Equal(2, _listener.Accepts);
    }

    [Fact]
    public void Past_the_limit_nobody_is_accepted_until_a_connection_has_ended()
    {
        Start(maxConnections: 2);
        var first = Connect();
        var second = Connect();
        Assert.True(first.IsServed && second.IsServed);
        Assert.Equal(2, _listener.Accepts);

        first.Leave();
        _lab.Run();
        Assert.Equal(3, _listener.Accepts);
        Assert.True(Connect().IsServed);
        Assert.Equal(3, _listener.Accepts);
    }

    [Fact]
    public void At_the_limit_the_oldest_that_says_nothing_gives_way_when_it_is_a_second_old()
    {
        Start(maxConnections: 3);
        var spoken = Connect();
        spoken.Speak();
        _lab.AdvanceSeconds(0.25);
        var oldest = Connect();
        _lab.AdvanceSeconds(0.25);
        var younger = Connect();
        _lab.AdvanceSeconds(0.625);
        Assert.False(oldest.IsClosed);
        Assert.Equal(3, _listener.Accepts);
        _lab.AdvanceSeconds(0.125);
        Assert.True(oldest.IsClosed);
        Assert.Equal(4, _listener.Accepts);

        // There is room until somebody comes.
        _lab.AdvanceSeconds(5);
        Assert.False(younger.IsClosed);
        var next = Connect();
        Assert.True(younger.IsClosed && next.IsServed);
        _lab.AdvanceSeconds(0.9);
        Assert.False(next.IsClosed);
        Assert.False(spoken.IsClosed);
    }

    [Fact]
    public void Past_its_opening_none_gives_way()
    {
        Start(maxConnections: 2);
        var clients = new[] { Connect(), Connect() };
        Assert.All(clients, client => client.Speak());
        _lab.AdvanceSeconds(60);
        Assert.All(clients, client => Assert.False(client.IsClosed));
        Assert.Equal(2, _listener.Accepts);
    }

    [Fact]
    public void One_that_has_just_said_what_it_wants_stays_and_the_next_goes()
    {
        Start(maxConnections: 2);
        var first = Connect();
        var second = Connect();
        first.Speak(run: false);
        _lab.Time.Advance(TimeSpan.FromSeconds(1));
        _lab.Run();
        _lab.AdvanceSeconds(0.2);
        Assert.True(!first.IsClosed && second.IsClosed);
    }

    private ActorRef<GatewayMessage> Start(int maxConnections)
    {
        var challenge = RegistryLab.Challenge();
        var options = RegistryLab.Options(challenge) with { Gateway = new GatewayOptions { MaxConnections = maxConnections } };
        var scope = new ConnectionScope(
            challenge,
            options,
            new EverybodyIsKnown(),
            new NobodyIsRelayed(),
            () => throw new InvalidOperationException("a token is the client's"),
            _lab.Probe<RegistryMessage>().Ref,
            new NodeMetrics(new PlainMeters()),
            _lab.Log);
        var gate = new AcceptGate(_listener);
        var door = new GatewayScope(challenge.Name, options.Gateway, socket => new ClientConnectionActor(scope, socket), _lab.Log);
        return _lab.Spawn(() => new GatewayActor(door, gate), name: "gateway");
    }

    private void End(Action<TaskCompletionSource<AcceptOutcome>> how)
    {
        how(_listener.Accept);
        _lab.Run();
    }

    private SilentClient Connect()
    {
        var client = new SilentClient(_lab);
        End(accept => accept.SetResult(new AcceptOutcome.Accepted(client)));
        return client;
    }

    /// <summary>A listener whose accepts end as the test says.</summary>
    private sealed class ScriptedListener : IListener
    {
        public string LocalAddress => "scripted";

        public int Accepts { get; private set; }

        public TaskCompletionSource<AcceptOutcome> Accept { get; private set; } = new();

        public bool FailsToClose { get; set; }

        public Task<AcceptOutcome> AcceptAsync()
        {
            Assert.True(Accepts == 0 || Accept.Task.IsCompleted, "two accepts at once");
            Accepts++;
            Accept = new TaskCompletionSource<AcceptOutcome>();
            return Accept.Task;
        }

        public void Dispose()
        {
            if (FailsToClose)
            {
                throw new InvalidOperationException("a bug in a handler");
            }
        }
    }

    /// <summary>A client that sends nothing, until it goes.</summary>
    private sealed class SilentClient(ActorLab lab) : IClientSocket
    {
        private readonly TaskCompletionSource<PreambleOutcome> _preamble = new();

        public string RemoteAddress => "silent";

        /// <summary>Whether somebody reads its preamble.</summary>
        public bool IsServed { get; private set; }

        /// <summary>Whether the node has closed it.</summary>
        public bool IsClosed { get; private set; }

        /// <summary>It sends its preamble after all.</summary>
        public void Speak(bool run = true)
        {
            _preamble.SetResult(new PreambleOutcome.Complete(new Preamble(new byte[Preamble.Length])));
            if (run)
            {
                lab.Run();
            }
        }

        public void Leave() => _preamble.SetResult(new PreambleOutcome.Incomplete(0));

        public ValueTask<bool> PassAsync(CancellationToken cancellationToken) => new(true);

        public void Notify(ClientNotice notice)
        {
            // Nobody stands in front of it.
        }

        public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
        {
            IsServed = true;
            return _preamble.Task;
        }

        public Task WaitForResetAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

        public void Reset()
        {
        }

        public void Dispose() => IsClosed = true;
    }

    /// <summary>Knows every token for one and the same client's.</summary>
    private sealed class EverybodyIsKnown : IAuthenticator
    {
        public ValueTask<Authentication> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => new(new Client("ann", Keys.Token("ann")));
    }

    private sealed class NobodyIsRelayed : IRelay
    {
        public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken)
            => throw new InvalidOperationException("there is nobody to dial for");

        public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms) => throw new InvalidOperationException("there is no session");
    }
}
