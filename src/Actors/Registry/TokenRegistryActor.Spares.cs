using System.Diagnostics.CodeAnalysis;
using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>
/// Spares: started when nobody waits for a start and there is room without anybody's going, given to the next who would start. Room goes over from the spare
/// to its taker once the taker has it.
/// </summary>
internal sealed partial class TokenRegistryActor
{
    private const string RefillTimer = "refill";

    /// <summary>
    /// How long after a spare is taken its successor's start begins. A start keeps the engine and a processor busy for a fifth of a second: the client who has just got
    /// the spare has its first answers by then.
    /// </summary>
    private static readonly TimeSpan RefillPause = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, SparePool> _spares;
    private readonly Dictionary<InstanceKey, bool> _spareUses = [];
    private bool _isPressed;
    private bool _refillAwaited;

    private bool ReceiveSpares(RegistryMessage message)
    {
        switch (message)
        {
            case RegistryMessage.HandedOver handed:
                OnHandedOver(handed);
                return true;
            case RegistryMessage.RefillDue:
                _refillAwaited = false;
                Pump();
                return true;
            case RegistryMessage.SpareFailed failed:
                _spares[failed.Key.Challenge].NoteFailure(_scope.Time.Uptime());
                return true;
            default:
                return false;
        }
    }

    private bool TryFindSpare(string challenge, [NotNullWhen(true)] out InstanceEntry? spare)
    {
        foreach (var key in _spares[challenge].Keys)
        {
            if (_instances.TryGet(key, out spare) && spare.Info.State == InstanceState.Warm)
            {
                return true;
            }
        }

        spare = null;
        return false;
    }

    private void HandOver(InstanceEntry spare, InstanceKey to)
    {
        // Until it says otherwise, so that it is not given twice.
        _instances.Update(spare, spare.Info with { State = InstanceState.Claimed });
        spare.Actor.Tell(new InstanceMessage.HandOver(to));
    }

    private void OnHandedOver(RegistryMessage.HandedOver handed)
    {
        if (!_instances.TryGet(handed.To, out var taker) || !taker.IsStarting)
        {
            EndHandOver(handed.Spare);
        }
        else if (handed.Backend is { } backend)
        {
            taker.IsTaking = true;
            taker.Actor.Tell(new InstanceMessage.StartGranted(backend.Port, new Spare(handed.Spare, backend)));
        }
        else
        {
            EndStart(taker);
            _life.Quotas.Forgive(handed.To);
            OnStartWanted(handed.To);
        }
    }

    private void OnSpareUsed(SpareUse use, InstanceKey by)
    {
        if (!use.Taken)
        {
            EndHandOver(use.Key);
            return;
        }

        _rooms.Move(use.Key, by);
        NoteTaking(by, isTaking: false);
        _spares[by.Challenge].NoteTaken();
        PauseRefill();
        OnRetire(use.Key);
    }

    private void PauseRefill()
    {
        if (!_refillAwaited)
        {
            _refillAwaited = true;
            Context.StartTimer(RefillTimer, new RegistryMessage.RefillDue(), RefillPause);
        }
    }

    private void NoteTaking(InstanceKey key, bool isTaking)
    {
        if (_instances.TryGet(key, out var entry))
        {
            entry.IsTaking = isTaking;
        }
    }

    private void EndHandOver(InstanceKey spare)
    {
        if (_instances.TryGet(spare, out var entry))
        {
            entry.Actor.Tell(new InstanceMessage.HandOverFailed());
        }
    }

    /// <summary>Starts what spares are due: after all who wait, and one start at once less than there may be, so that who comes next need not wait for a spare.</summary>
    private void Refill()
    {
        if (_shutdown is not null || _life.HandsBack || _isPressed || _refillAwaited || _queue.Count > 0)
        {
            return;
        }

        var atOnce = Math.Max(1, _scope.Options.StartQueue.ConcurrentStarts - 1);
        foreach (var (challenge, pool) in _spares)
        {
            var stand = new InstanceKey(challenge, default, 0);
            while (_starting < atOnce && IsAdopted(stand) && pool.IsShort(_scope.Time.Uptime()) && _rooms.Has(challenge))
            {
                var key = stand with { Token = _scope.NewToken() };
                var entry = Spawn(key, new InstanceHoldings());
                pool.Add(key);
                entry.IsStarting = true;
                _starting++;
                entry.Actor.Tell(new InstanceMessage.StartSpare(_rooms.Take(key)));
            }
        }
    }

    private void RestoreSpare(RegistryMessage.Described described)
    {
        if (described.Info.IsSpare)
        {
            _spares[described.Info.Key.Challenge].Add(described.Info.Key);
        }

        if (described.Spare is { } use)
        {
            _spareUses[use.Key] = use.Taken;
            NoteTaking(described.Info.Key, !use.Taken);
            if (use.Taken)
            {
                // Its room is its taker's.
                _rooms.Return(use.Key);
            }
        }
    }

    private bool IsTakenSpare(InstanceKey key) => _spareUses.GetValueOrDefault(key);

    /// <summary>All have described themselves: what is between a spare and its taker is settled, or goes on.</summary>
    private void SettleSpares()
    {
        foreach (var key in _spares.Values.SelectMany(pool => pool.Keys).ToList())
        {
            if (!_instances.TryGet(key, out var entry) || entry.Info.State != InstanceState.Claimed)
            {
                continue;
            }

            if (!_spareUses.TryGetValue(key, out var taken))
            {
                EndHandOver(key);
            }
            else if (taken)
            {
                OnRetire(key);
            }
        }

        _spareUses.Clear();
    }
}
