using System.Net;
using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.TestKit;

/// <summary>A template for <see cref="ScriptedRuntime"/>.</summary>
public sealed record ScriptedTemplate(bool NeedsPort = false) : InstanceTemplate
{
    public override string SpecHash => "scripted";
}

/// <summary>A runtime that does at once what it is asked, unless the test holds its answers back. For tests in one thread.</summary>
public sealed class ScriptedRuntime(TimeProvider time) : IInstanceRuntime
{
    private readonly Dictionary<InstanceKey, (Backend Backend, TaskCompletionSource<BackendExit> Exit)> _backends = [];
    private readonly Queue<(StartRequest Request, TaskCompletionSource<StartOutcome> Answer)> _held = new();
    private readonly Queue<(TakeRequest Request, TaskCompletionSource<TakeOutcome> Answer)> _heldTakes = new();
    private int _last;

    public string Name => "scripted";

    public bool SurvivesRestart { get; set; }

    /// <summary>Whether starts wait for <see cref="AnswerOne"/>.</summary>
    public bool HoldsStarts { get; set; }

    /// <summary>Whether the taking of spares waits for <see cref="AnswerTake"/>.</summary>
    public bool HoldsTakes { get; set; }

    /// <summary>Why starts fail; null if they do not.</summary>
    public string? StartFailure { get; set; }

    /// <summary>Why listings fail; null if they do not.</summary>
    public string? ListFailure { get; set; }

    /// <summary>Whether the next listing throws, as a bug would.</summary>
    public bool ThrowsAtNextList { get; set; }

    /// <summary>Every start that was asked for, in order.</summary>
    public List<InstanceKey> Starts { get; } = [];

    /// <summary>The flag of the last start that was asked for; null if it had none.</summary>
    public string? LastFlag { get; private set; }

    /// <summary>Whom spares were given to, in order.</summary>
    public List<InstanceKey> Takes { get; } = [];

    /// <summary>Every removal that was asked for, with the time.</summary>
    public List<(InstanceKey Key, TimeSpan At)> Stops { get; } = [];

    /// <summary>What runs.</summary>
    public IReadOnlyCollection<InstanceKey> Running => _backends.Keys;

    /// <summary>How many starts wait for their answer.</summary>
    public int Held => _held.Count;

    public bool NeedsPort(InstanceTemplate template) => ((ScriptedTemplate)template).NeedsPort;

    public Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        Starts.Add(request.Key);
        LastFlag = request.Flag;
        if (!HoldsStarts)
        {
            return Task.FromResult(Start(request));
        }

        var answer = new TaskCompletionSource<StartOutcome>();
        _held.Enqueue((request, answer));
        cancellationToken.Register(
            () => answer.TrySetResult(new StartOutcome.Failed(Actors.Instances.StartFailure.NotReady, "given up")));
        return answer.Task;
    }

    public Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        Takes.Add(request.Key);
        if (!HoldsTakes)
        {
            return Task.FromResult(Take(request));
        }

        var answer = new TaskCompletionSource<TakeOutcome>();
        _heldTakes.Enqueue((request, answer));
        cancellationToken.Register(() => answer.TrySetResult(new TakeOutcome.Failed("given up")));
        return answer.Task;
    }

    public Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        Stops.Add((key, time.GetElapsedTime(0)));
        if (_backends.Remove(key, out var running))
        {
            running.Exit.SetResult(new BackendExit("removed"));
        }

        return Task.FromResult<StopOutcome>(new StopOutcome.Gone());
    }

    public Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
    {
        if (ThrowsAtNextList)
        {
            ThrowsAtNextList = false;
            throw new InvalidOperationException("planned");
        }

        return Task.FromResult<ListOutcome>(ListFailure is { } reason
            ? new ListOutcome.Unavailable(reason)
            : new ListOutcome.Listed([.. _backends.Select(running => new FoundBackend(running.Key, running.Value.Backend, "scripted", true))]));
    }

    /// <summary>Answers the start that has been held for longest.</summary>
    public InstanceKey AnswerOne()
    {
        var (request, answer) = _held.Dequeue();
        answer.TrySetResult(Start(request));
        return request.Key;
    }

    /// <summary>Answers the taking of a spare that has been held for longest.</summary>
    public void AnswerTake()
    {
        var (request, answer) = _heldTakes.Dequeue();
        answer.TrySetResult(Take(request));
    }

    /// <summary>Loses a backend, without anybody being told.</summary>
    public void Forget(InstanceKey key) => _backends.Remove(key);

    /// <summary>Puts a backend there that some earlier node started.</summary>
    public Backend Plant(InstanceKey key, DateTimeOffset createdAt, int? port = null)
    {
        var exit = new TaskCompletionSource<BackendExit>();
        var number = ++_last;
        var backend = new Backend
        {
            Id = $"backend-{number}",
            Address = new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, number)),
            Port = port,
            CreatedAt = createdAt,
            Exited = exit.Task,
        };
        _backends.Add(key, (backend, exit));
        return backend;
    }

    /// <summary>Has a backend end by itself.</summary>
    public void Exit(InstanceKey key)
    {
        _backends.Remove(key, out var running);
        running.Exit.SetResult(new BackendExit("exited with status 1"));
    }

    private TakeOutcome Take(TakeRequest request)
    {
        if (!_backends.Remove(request.SpareKey, out var running))
        {
            return new TakeOutcome.Failed("it is gone");
        }

        _backends.Add(request.Key, running);
        return new TakeOutcome.Taken();
    }

    private StartOutcome Start(StartRequest request) => StartFailure is { } reason
        ? new StartOutcome.Failed(Actors.Instances.StartFailure.Rejected, reason)
        : new StartOutcome.Started(Plant(request.Key, time.GetUtcNow(), request.Port));
}
