using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class HookFailureTests
{
    private readonly ActorLab _lab = new();
    private readonly List<string> _log = [];

    [Fact]
    public void A_factory_that_fails_is_tried_again()
    {
        var attempts = 0;
        var actor = _lab.Spawn(() => ++attempts < 3 ? throw new InvalidOperationException("planned") : Recording());
        _lab.Tell(actor, "kept");
        _lab.AdvanceSeconds(1);
        Assert.Equal(3, attempts);
        Assert.Equal(["kept"], _log);
    }

    [Fact]
    public void A_factory_that_always_fails_ends_the_system_and_not_in_a_loop()
    {
        var attempts = 0;
        _lab.Spawn<string>(() =>
        {
            attempts++;
            throw new InvalidOperationException("planned");
        });
        _lab.AdvanceSeconds(120);
        Assert.Equal(1 + SupervisionStrategy.Default.MaxRestarts, attempts);
        Assert.True(_lab.System.Completion.IsFaulted);
    }

    [Fact]
    public void A_PreStart_that_fails_is_answered_by_PreRestart_of_the_same_incarnation()
    {
        var incarnation = 0;
        _lab.Spawn(() =>
        {
            var number = ++incarnation;
            return new TestActor<string>
            {
                OnStart = _ => _log.Add(number == 1 ? throw new InvalidOperationException("planned") : $"start {number}"),
                OnRestart = cause => _log.Add($"restart {number}: {cause.Message}"),
            };
        });
        _lab.AdvanceSeconds(1);
        Assert.Equal(["restart 1: planned", "start 2"], _log);
    }

    [Fact]
    public void A_PreRestart_that_fails_is_logged_and_the_restart_goes_on()
    {
        var actor = _lab.Spawn(() => new TestActor<string>
        {
            OnReceive = (_, message) => _log.Add(message == "fail" ? throw new InvalidOperationException("planned") : message),
            OnRestart = _ => throw new InvalidOperationException("last words"),
        });
        _lab.Tell(actor, "fail", "after");
        _lab.AdvanceSeconds(1);
        Assert.Equal(["after"], _log);
        Assert.Equal("last words", Assert.Single(_lab.Log.Of(6)).Exception!.Message);
    }

    [Fact]
    public void A_PostStop_that_fails_is_logged_and_the_stop_goes_on()
    {
        var actor = _lab.Spawn(() => new TestActor<string> { OnStop = () => throw new InvalidOperationException("last words") });
        _lab.System.Stop();
        _lab.Run();
        Assert.Equal("last words", Assert.Single(_lab.Log.Of(6)).Exception!.Message);
        Assert.True(_lab.System.Completion.IsCompletedSuccessfully);
        _lab.Tell(actor, "anybody?");
        Assert.Equal(1, _lab.System.DeadLetters.Count);
    }

    [Fact]
    public void A_message_that_fails_to_be_discarded_neither_stops_the_stop_nor_reaches_the_sender()
    {
        var actor = _lab.Spawn(() => new TestActor<object>());
        var watcher = _lab.Probe<string>();
        _lab.Spawn(() => new TestActor<string>
        {
            OnStart = context => context.Watch(actor, "gone"),
            OnReceive = (_, message) => watcher.Ref.Tell(message),
        });
        actor.Tell(new Undiscardable());
        _lab.Stop(actor);
        _lab.Tell(actor, new Undiscardable());
        Assert.Equal(["gone"], watcher.Received);
        Assert.Equal(2, _lab.System.DeadLetters.Count);
        Assert.Equal(2, _lab.Log.Of(6).Count);
    }

    private TestActor<string> Recording() => new() { OnReceive = (_, message) => _log.Add(message) };

    private sealed record Undiscardable : IDiscardable
    {
        public void Discard() => throw new InvalidOperationException("planned");
    }
}
