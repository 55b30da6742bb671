using Instancer.Actors.Instances;
using Instancer.Actors;

namespace Instancer.TestKit.Simulation;

/// <summary>One node's runtime on the fake engine. Every call stays open until the simulation answers it, well, badly, late or never.</summary>
internal sealed class FakeRuntime(FakeEngine engine, PendingCalls calls, SimulationState state, TimeProvider clock) : IInstanceRuntime
{
    private readonly HashSet<InstanceKey> _underWay = [];
    private readonly TokenOracle _tokens = new(engine, state, clock);
    private readonly Random _random = state.Random;
    private readonly double _failureRate = state.Random.Pick(0.02, 0.15, 0.9);

    public string Name => "fake";

    public bool SurvivesRestart => true;

    public bool NeedsPort(InstanceTemplate template) => ((FakeTemplate)template).NeedsPort;

    public Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        state.MayThrow();
        state.Check(7, request.IsSpare || state.IsAccepted(request.Key), () => $"a start for {request.Key.ToShortString()}, whose token is not accepted");
        state.Check(1, _underWay.Add(request.Key), () => $"two calls at once for {request.Key.ToShortString()}");
        var onPort = engine.Backends.FirstOrDefault(other => request.Port is not null && other.Port == request.Port && other.IsKnown);
        state.Check(3, onPort is null, () => $"port {request.Port} is given to {request.Key.ToShortString()} while {onPort!.Id} has it");
        if (!request.IsSpare)
        {
            _tokens.Begin(request.Key);
        }

        var answer = new TaskCompletionSource<StartOutcome>();
        void Finish(StartOutcome outcome)
        {
            // Before whoever hears of it asks for more.
            if (!answer.Task.IsCompleted)
            {
                _tokens.End(request.Key, counts: outcome is not StartOutcome.Failed { Failure: StartFailure.PortTaken });
            }

            if (answer.TrySetResult(outcome))
            {
                _underWay.Remove(request.Key);
            }
        }

        if (_random.Chance(0.06))
        {
            // Hangs until it is given up; then it may succeed after all, when nobody listens any more.
            cancellationToken.Register(() => calls.Add(() => GiveUp(request, Finish)));
        }
        else
        {
            calls.Add(() => Finish(Start(request, cancellationToken.IsCancellationRequested)));
        }

        return answer.Task;
    }

    public Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        state.MayThrow();
        state.Check(7, state.IsAccepted(request.Key), () => $"a spare for {request.Key.ToShortString()}, whose token is not accepted");
        state.Check(1, _underWay.Add(request.Key), () => $"two calls at once for {request.Key.ToShortString()}");
        NoteTaking(request);
        _tokens.Begin(request.Key);
        var answer = new TaskCompletionSource<TakeOutcome>();
        void Finish(TakeOutcome outcome)
        {
            _tokens.End(request.Key, counts: true);
            if (answer.TrySetResult(outcome))
            {
                _underWay.Remove(request.Key);
            }
        }

        if (_random.Chance(0.06))
        {
            // Hangs until it is given up; then it may come about after all.
            cancellationToken.Register(() => calls.Add(() =>
            {
                Finish(new TakeOutcome.Failed("given up"));
                if (_random.Chance(0.5))
                {
                    calls.Add(() => Take(request));
                }
            }));
        }
        else
        {
            calls.Add(() =>
            {
                var outcome = Take(request);
                // Done, and its answer lost on the way.
                Finish(_random.Chance(0.05) ? new TakeOutcome.Failed("the connection was cut") : outcome);
            });
        }

        return answer.Task;
    }

    public Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<StopOutcome>();
        var meant = Find(key, backendId);
        meant.ForEach(backend => backend.IsStopRequested = true);

        // What nobody was told of goes without its key's instance, which may be calling at the same time.
        var isInstances = backendId is null || meant.Exists(backend => backend.IsKnown);
        var isCounted = isInstances && _underWay.Add(key);
        state.Check(1, isCounted || backendId is not null, () => $"two calls at once for {key.ToShortString()}");

        void Finish(StopOutcome outcome)
        {
            if (answer.TrySetResult(outcome) && isCounted)
            {
                _underWay.Remove(key);
            }
        }

        if (_random.Chance(0.03))
        {
            // Hangs until it is given up.
            cancellationToken.Register(() => calls.Add(() => Finish(new StopOutcome.Failed("given up"))));
        }
        else if (!state.Bugs.HasFlag(PlantedBugs.LostAnswers) || !_random.Chance(0.2))
        {
            calls.Add(() => Finish(Stop(key, backendId)));
        }

        return answer.Task;
    }

    public Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
    {
        state.MayThrow();
        var answer = new TaskCompletionSource<ListOutcome>();
        if (_random.Chance(0.03))
        {
            // Hangs until it is given up.
            cancellationToken.Register(() => calls.Add(() => answer.TrySetResult(new ListOutcome.Unavailable("given up"))));
            return answer.Task;
        }

        calls.Add(() =>
        {
            // What it says is as old as some moment between question and answer.
            ListOutcome outcome = engine.IsAvailable && !_random.Chance(0.1)
                ? new ListOutcome.Listed(Snapshot())
                : new ListOutcome.Unavailable("the engine does not answer");
            calls.Add(() => answer.SetResult(outcome));
        });
        return answer.Task;
    }

    private StartOutcome Start(StartRequest request, bool cancelled)
    {
        if (!engine.IsAvailable)
        {
            return new StartOutcome.Failed(StartFailure.Unavailable, "the engine does not answer");
        }

        if (engine.Of(request.Key) is { } there)
        {
            return StartWhereOneIs(request, there);
        }

        if (engine.IsPortTaken(request.Port) || (request.Port is not null && _random.Chance(0.05)))
        {
            return new StartOutcome.Failed(StartFailure.PortTaken, $"port {request.Port} is taken");
        }

        if (_random.Chance(_failureRate) || cancelled)
        {
            if (_random.Chance(0.5))
            {
                Create(request).IsUsable = false;
            }

            var failure = cancelled ? StartFailure.NotReady : _random.Pick(StartFailure.Rejected, StartFailure.Exited, StartFailure.NotReady);
            return new StartOutcome.Failed(failure, $"the fake said {failure}");
        }

        return Started(Create(request));
    }

    private FakeBackend Create(StartRequest request)
    {
        var backend = engine.Create(request.Key, request.Template.SpecHash, request.Port, clock.GetUtcNow());
        backend.IsSpare = request.IsSpare;
        return backend;
    }

    private StartOutcome StartWhereOneIs(StartRequest request, FakeBackend there)
    {
        if (state.Bugs.HasFlag(PlantedBugs.SecondBackend))
        {
            return Started(Create(request));
        }

        if (there is { IsAlive: true, IsUsable: true } && there.SpecHash == request.Template.SpecHash && there.Port == request.Port)
        {
            return Started(there);
        }

        engine.Remove(there);
        return new StartOutcome.Failed(StartFailure.Rejected, "something else was there");
    }

    // Its client is served from now on, before the engine has heard of it.
    private void NoteTaking(TakeRequest request)
    {
        if (engine.Backends.FirstOrDefault(backend => backend.Id == request.Spare.Id) is { } spare)
        {
            var taker = spare.TakenFor ??= request.Key;
            state.Check(1, taker == request.Key, () => $"{spare.Id} is given to {request.Key.ToShortString()}, and was to {taker.ToShortString()}");
        }
    }

    private TakeOutcome Take(TakeRequest request)
    {
        var spare = engine.Backends.FirstOrDefault(backend => backend.Id == request.Spare.Id);
        if (!engine.IsAvailable)
        {
            return new TakeOutcome.Failed("the engine does not answer");
        }

        if (spare is null || engine.Of(request.Key) is not null)
        {
            return new TakeOutcome.Failed(spare is null ? "it is gone" : "something else was there");
        }

        if (!state.Bugs.HasFlag(PlantedBugs.UnrecordedClaim))
        {
            spare.Key = request.Key;
            spare.IsSpare = false;
        }

        return new TakeOutcome.Taken();
    }

    private static StartOutcome.Started Started(FakeBackend backend)
    {
        backend.IsKnown = true;
        return new StartOutcome.Started(backend.Describe());
    }

    private void GiveUp(StartRequest request, Action<StartOutcome> finish)
    {
        finish(new StartOutcome.Failed(StartFailure.NotReady, "given up"));
        if (_random.Chance(0.5))
        {
            calls.Add(() =>
            {
                if (engine.IsAvailable && engine.Of(request.Key) is null && !engine.IsPortTaken(request.Port))
                {
                    Create(request);
                }
            });
        }
    }

    private StopOutcome Stop(InstanceKey key, string? backendId)
    {
        if (!engine.IsAvailable || _random.Chance(0.08))
        {
            return new StopOutcome.Failed("the engine does not answer");
        }

        foreach (var backend in Find(key, backendId))
        {
            if (state.Bugs.HasFlag(PlantedBugs.EarlyConfirmation))
            {
                calls.Add(() => calls.Add(() => engine.Remove(backend)));
            }
            else if (!state.Bugs.HasFlag(PlantedBugs.SecondBackend))
            {
                engine.Remove(backend);
            }
        }

        return new StopOutcome.Gone();
    }

    private List<FakeBackend> Find(InstanceKey key, string? backendId)
        => [.. engine.Backends.Where(backend => backendId is null ? backend.Key == key : backend.Id == backendId)];

    private List<FoundBackend> Snapshot()
        => [.. engine.Backends
            .Where(backend => !state.Bugs.HasFlag(PlantedBugs.BlindListing) || backend.IsKnown)
            .Where(backend => !state.Bugs.HasFlag(PlantedBugs.OnePerKey) || !backend.IsCopy || engine.Of(backend.Key) is null)
            .OrderBy(backend => backend.IsCopy)
            .Select(backend => new FoundBackend(backend.Key, backend.Describe(), backend.SpecHash, backend is { IsAlive: true, IsUsable: true }) { IsSpare = backend.IsSpare })];
}
