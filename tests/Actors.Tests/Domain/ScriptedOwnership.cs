using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

/// <summary>Says at once who owns a key, unless the test holds the answers back.</summary>
internal sealed class ScriptedOwnership : IKeyOwnership
{
    private readonly Queue<TaskCompletionSource<KeyOwner>> _held = new();

    /// <summary>The place that claims are made from.</summary>
    public ScriptedTenure Tenure { get; private set; } = new();

    /// <summary>Who owns what is claimed; null for this node.</summary>
    public KeyOwner.Elsewhere? Owner { get; set; }

    /// <summary>Whether claims wait for <see cref="AnswerOne"/>.</summary>
    public bool Holds { get; set; }

    /// <summary>The answer of the other nodes to resets.</summary>
    public TaskCompletionSource<string?>? Resets { get; set; }

    public List<(InstanceKey Key, bool HereOnly)> Claims { get; } = [];

    public List<(InstanceKey Key, string BackendId)> Reclaims { get; } = [];

    public List<InstanceKey> Releases { get; } = [];

    public List<(InstanceKey Key, string BackendId)> Leaves { get; } = [];

    /// <summary>Why what was left is not to be served any more; null if it is.</summary>
    public string? Superseded { get; set; }

    /// <summary>Loses the place; the next claim is made from another one.</summary>
    public void LosePlace()
    {
        Tenure.Holds = false;
        Tenure = new ScriptedTenure();
    }

    public void AnswerOne() => _held.Dequeue().SetResult(Owner ?? (KeyOwner)new KeyOwner.Here(Tenure));

    public ValueTask<KeyOwner> ClaimAsync(InstanceKey key, bool hereOnly, CancellationToken cancellationToken)
    {
        Claims.Add((key, hereOnly));
        var answer = new TaskCompletionSource<KeyOwner>();
        _held.Enqueue(answer);
        if (!Holds)
        {
            AnswerOne();
        }

        return new ValueTask<KeyOwner>(answer.Task);
    }

    public ValueTask<KeyOwner> ReclaimAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
    {
        Reclaims.Add((key, backendId));
        return new(Superseded is { } reason ? new KeyOwner.Superseded(reason) : Owner ?? (KeyOwner)new KeyOwner.Here(Tenure));
    }

    public ValueTask LeaveAsync(InstanceKey key, string backendId, CancellationToken cancellationToken)
    {
        Leaves.Add((key, backendId));
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(InstanceKey key, CancellationToken cancellationToken)
    {
        Releases.Add(key);
        return ValueTask.CompletedTask;
    }

    public ValueTask<string?> ResetElsewhereAsync(string challenge, TokenHash token, CancellationToken cancellationToken)
        => Resets is { } resets ? new ValueTask<string?>(resets.Task.WaitAsync(cancellationToken)) : new ValueTask<string?>(default(string));
}

internal sealed class ScriptedTenure : ITenure
{
    public bool Holds { get; set; } = true;
}
