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

    private ActorRef<GatewayMessage> Start(int maxConnections)
    {
        var challenge = RegistryLab.Challenge();
        var options = RegistryLab.Options(challenge) with { Gateway = new GatewayOptions { MaxConnections = maxConnections } };
        var scope = new ConnectionScope(
            challenge,
            options,
            new NobodyIsKnown(),
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
        var client = new SilentClient();
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
    private sealed class SilentClient : IClientSocket
    {
        private readonly TaskCompletionSource<PreambleOutcome> _preamble = new();

        public string RemoteAddress => "silent";

        /// <summary>Whether somebody reads its preamble.</summary>
        public bool IsServed { get; private set; }

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

        public void Dispose()
        {
        }
    }

    private sealed class NobodyIsKnown : IAuthenticator
    {
        public ValueTask<Client?> AuthenticateAsync(AuthenticationRequest request, CancellationToken cancellationToken) => default;
    }

    private sealed class NobodyIsRelayed : IRelay
    {
        public Task<DialOutcome> DialAsync(BackendAddress address, CancellationToken cancellationToken)
            => throw new InvalidOperationException("there is nobody to dial for");

        public ISession Start(IClientSocket client, IBackendSocket backend, SessionTerms terms) => throw new InvalidOperationException("there is no session");
    }
}
