using System.Net;
using Instancer.Actors;
using Instancer.Actors.Instances;

namespace Instancer.TestKit.Simulation;

/// <summary>What an engine is to the simulation: backends by name, one for each key. It outlives the nodes.</summary>
internal sealed class FakeEngine(string prefix = "")
{
    private readonly List<FakeBackend> _backends = [];
    private int _last;

    public bool IsAvailable { get; set; } = true;

    public IReadOnlyList<FakeBackend> Backends => _backends;

    /// <summary>The backend that has the key's name.</summary>
    public FakeBackend? Of(InstanceKey key) => _backends.Find(backend => backend.Key == key && !backend.IsCopy);

    public FakeBackend? At(BackendAddress address) => _backends.Find(backend => backend.Address == address);

    public bool IsPortTaken(int? port) => port is not null && _backends.Exists(backend => backend.Port == port);

    public FakeBackend Create(InstanceKey key, string specHash, int? port, DateTimeOffset now)
    {
        var backend = new FakeBackend(prefix, ++_last, key, specHash, port, now);
        _backends.Add(backend);
        return backend;
    }

    /// <summary>Somebody makes another one with the same marks behind everybody's back, under a name of its own.</summary>
    public void Copy(FakeBackend original, bool isUsable, DateTimeOffset now)
        => _backends.Add(new FakeBackend(prefix, ++_last, original.Key, original.SpecHash, port: null, now) { IsCopy = true, IsUsable = isUsable, IsSpare = original.IsSpare });

    /// <summary>Somebody removes it behind everybody's back.</summary>
    public void RemoveUnseen(FakeBackend backend)
    {
        backend.Die();
        backend.IsGone = true;
        _backends.Remove(backend);
    }

    public void Remove(FakeBackend backend)
    {
        backend.Exit("removed");
        backend.IsGone = true;
        _backends.Remove(backend);
    }
}

/// <summary>A backend in the fake engine.</summary>
internal sealed class FakeBackend(string prefix, int number, InstanceKey key, string specHash, int? port, DateTimeOffset createdAt)
{
    private TaskCompletionSource<BackendExit> _exited = new();
    private bool _outlivedItsNode;

    public string Id { get; } = $"{prefix}backend-{number}";

    public InstanceKey Key { get; set; } = key;

    /// <summary>Whether it was started for nobody, and nobody has taken it.</summary>
    public bool IsSpare { get; set; }

    /// <summary>Whom a node has given it to that was a spare, written down or not.</summary>
    public InstanceKey? TakenFor { get; set; }

    /// <summary>Whose it is: of a spare that is being taken, its taker's.</summary>
    public InstanceKey Owner => IsSpare && TakenFor is { } taker ? taker : Key;

    /// <summary>Whether a node died before it was written down whose this is, if anybody's: the next one removes it, and a reset cannot wait for what nobody can name.</summary>
    public bool IsNobodys => _outlivedItsNode && IsSpare;

    /// <summary>Whose clients it has met.</summary>
    public InstanceKey? Served { get; set; }

    public string SpecHash => specHash;

    public int? Port => port;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public BackendAddress Address { get; } = new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, 30000 + (number % 30000)));

    /// <summary>Its process runs. When it does not, the container is still there until it is removed.</summary>
    public bool IsAlive { get; private set; } = true;

    /// <summary>Nothing is left of it.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether a reset of its token was served while it was still there: it must never serve again.</summary>
    public bool IsCondemned { get; set; }

    /// <summary>It accepts connections; what a failed start leaves does not.</summary>
    public bool IsUsable { get; set; } = true;

    /// <summary>Whether no node had it made: there may be one under the key already.</summary>
    public bool IsCopy { get; init; }

    /// <summary>Whether a node was told of it as started: what nobody knows of cannot be reset.</summary>
    public bool IsKnown { get; set; }

    /// <summary>Whether a node asked for its removal.</summary>
    public bool IsStopRequested { get; set; }

    public DateTimeOffset? DeadSince { get; set; }

    public DateTimeOffset LastOwned { get; set; } = createdAt;

    /// <summary>The process whose clock that is; null for a node that is alone.</summary>
    public object? LastOwnedBy { get; set; }

    public Backend Describe() => new()
    {
        Id = Id,
        Address = Address,
        Port = port,
        CreatedAt = CreatedAt,
        Exited = IsAlive ? _exited.Task : Task.FromResult(new BackendExit("was found dead")),
    };

    /// <summary>Ends it, without anybody being told: as if the event were lost.</summary>
    public void Die() => IsAlive = false;

    public void Exit(string reason)
    {
        IsAlive = false;
        _exited.TrySetResult(new BackendExit(reason));
    }

    /// <summary>Tells of an end that did not happen.</summary>
    public void ReportExit() => _exited.TrySetResult(new BackendExit("reported dead"));

    /// <summary>A new node watches it.</summary>
    public void ResetWatch()
    {
        _outlivedItsNode = true;
        _exited = new TaskCompletionSource<BackendExit>();
        if (!IsAlive)
        {
            _exited.SetResult(new BackendExit("found dead"));
        }
    }
}

/// <summary>A template for fake backends.</summary>
internal sealed record FakeTemplate(string Name, bool NeedsPort) : InstanceTemplate
{
    public override string SpecHash => $"spec-of-{Name}";
}
