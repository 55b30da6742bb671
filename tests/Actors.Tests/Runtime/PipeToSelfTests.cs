using Instancer.Actors.Runtime;
using Instancer.TestKit;

namespace Instancer.Actors.Tests.Runtime;

public sealed class PipeToSelfTests
{
    private readonly ActorLab _lab = new();
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource<int> _work = new();
    private int _restarts;

    [Fact]
    public void A_result_comes_back_as_a_message()
    {
        Spawn(context => context.PipeToSelf(_work.Task, result => $"result {result}"));
        Assert.Empty(_log);
        _work.SetResult(1);
        _lab.Run();
        Assert.Equal(["result 1"], _log);
    }

    [Fact]
    public void Work_that_is_done_already_comes_back_as_a_message_too()
    {
        Spawn(context =>
        {
            context.PipeToSelf(Task.FromResult(2), result => $"result {result}");
            context.PipeToSelf(Task.CompletedTask, "done");
            _log.Add("start");
        });
        Assert.Equal(["start", "result 2", "done"], _log);
    }

    [Fact]
    public void A_fault_is_the_actors_failure()
    {
        var actor = Spawn(context => context.PipeToSelf(_work.Task, result => $"result {result}"));
        _work.SetException(new InvalidOperationException("planned"));
        _lab.Run();
        Assert.Equal("planned", Assert.Single(_lab.Log.Of(3)).Exception!.Message);
        _lab.AdvanceSeconds(1);
        Assert.Equal(1, _restarts);
        _lab.Tell(actor, "alive");
        Assert.Contains("alive", _log);
    }

    [Fact]
    public void A_fault_of_work_without_a_result_is_the_actors_failure()
    {
        Spawn(context => context.PipeToSelf((Task)_work.Task, "done"));
        _work.SetException(new InvalidOperationException("planned"));
        _lab.AdvanceSeconds(1);
        Assert.Equal(1, _restarts);
        Assert.Empty(_log);
    }

    [Fact]
    public void A_fault_that_is_mapped_comes_back_as_a_message()
    {
        Spawn(context => context.PipeToSelf(_work.Task, result => $"result {result}", fault => $"fault {fault.Message}"));
        _work.SetException(new InvalidOperationException("planned"));
        _lab.AdvanceSeconds(1);
        Assert.Equal(["fault planned"], _log);
        Assert.Equal(0, _restarts);
    }

    [Fact]
    public void A_cancelled_task_tells_nothing_unless_faults_are_mapped()
    {
        Spawn(context =>
        {
            context.PipeToSelf(_work.Task, result => $"result {result}");
            context.PipeToSelf((Task)_work.Task, "done");
            context.PipeToSelf(_work.Task, result => $"result {result}", fault => fault.GetType().Name);
        });
        _work.SetCanceled();
        _lab.AdvanceSeconds(1);
        Assert.Equal([nameof(TaskCanceledException)], _log);
        Assert.Equal(0, _restarts);
    }

    [Fact]
    public void A_mapping_to_null_tells_nothing()
    {
        var actor = Spawn(context => context.PipeToSelf(_work.Task, _ => null!));
        _work.SetResult(1);
        _lab.Tell(actor, "alive");
        Assert.Equal(["alive"], _log);
        Assert.Equal(0, _restarts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mapping_that_throws_is_the_actors_failure_however_the_work_ends(bool faulted)
    {
        Spawn(context => context.PipeToSelf(
            _work.Task,
            _ => throw new InvalidOperationException("mapping"),
            _ => throw new InvalidOperationException("mapping")));
        _ = faulted ? _work.TrySetException(new InvalidOperationException("planned")) : _work.TrySetResult(1);
        _lab.AdvanceSeconds(1);
        Assert.Equal("mapping", Assert.Single(_lab.Log.Of(3)).Exception!.Message);
        Assert.Equal(1, _restarts);
    }

    [Fact]
    public void A_result_after_a_restart_is_told_to_the_new_incarnation()
    {
        var first = true;
        var actor = Spawn(context =>
        {
            if (first)
            {
                first = false;
                context.PipeToSelf(_work.Task, result => $"result {result}");
            }
        });
        _lab.Tell(actor, "fail");
        _lab.AdvanceSeconds(1);
        _work.SetResult(3);
        _lab.Run();
        Assert.Equal((1, "result 3"), (_restarts, Assert.Single(_log)));
    }

    [Fact]
    public void A_result_after_the_stop_is_a_dead_letter_and_what_it_owns_is_released()
    {
        var owned = new Owned();
        var work = new TaskCompletionSource<Owned>();
        var actor = _lab.Spawn(() => new TestActor<Owned> { OnStart = context => context.PipeToSelf(work.Task, result => result) });
        _lab.Stop(actor);
        Assert.False(owned.IsDiscarded);
        work.SetResult(owned);
        Assert.True(owned.IsDiscarded);
        Assert.Equal(1, _lab.System.DeadLetters.Count);
    }

    [Fact]
    public void A_fault_after_the_stop_is_a_dead_letter()
    {
        var actor = Spawn(context => context.PipeToSelf(_work.Task, result => $"result {result}"));
        _lab.Stop(actor);
        _work.SetException(new InvalidOperationException("planned"));
        Assert.Equal(1, _lab.System.DeadLetters.Count);
    }

    private ActorRef<string> Spawn(Action<IActorContext<string>> onStart) => _lab.Spawn(() => new TestActor<string>
    {
        OnStart = context =>
        {
            if (_restarts == 0)
            {
                onStart(context);
            }
        },
        OnReceive = (_, message) => _log.Add(message == "fail" ? throw new InvalidOperationException("planned") : message),
        OnRestart = _ => _restarts++,
    });

    private sealed record Owned : IDiscardable
    {
        public bool IsDiscarded { get; private set; }

        public void Discard() => IsDiscarded = true;
    }
}
