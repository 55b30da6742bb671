using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;

namespace Instancer.Actors.Registry;

/// <summary>
/// The room that starts take and give back: a port if the runtime needs one, a place under the challenge's
/// <see cref="Challenge.MaxInstances"/>, and memory under the budget. Taken before a start, given back when it is confirmed that nothing is left.
/// </summary>
internal sealed class Rooms
{
    private readonly ReaperOptions _options;
    private readonly Dictionary<string, ChallengeRoom> _challenges;
    private readonly Dictionary<InstanceKey, ChallengeRoom> _taken = [];
    private long _memory;

    public Rooms(NodeOptions options, IReadOnlyDictionary<string, IInstanceRuntime> runtimes, TimeProvider time)
    {
        _options = options.Reaper;
        Ports = new PortPool(options.Ports, time);
        _challenges = options.Challenges.ToDictionary(
            challenge => challenge.Name,
            challenge => new ChallengeRoom(challenge, runtimes[challenge.Runtime]));
    }

    /// <summary>The node's ports.</summary>
    public PortPool Ports { get; }

    /// <summary>How many instances have room.</summary>
    public int Count => _taken.Count;

    /// <summary>How many instances of a challenge have room.</summary>
    public int CountOf(string challenge) => _challenges[challenge].Taken;

    /// <summary>Whether a start of the challenge would find room.</summary>
    public bool Has(string challenge)
    {
        var room = _challenges[challenge];
        return room.Taken < room.Challenge.MaxInstances
            && (!room.NeedsPort || Ports.Free > 0)
            && (_options.MemoryBudget is not { } budget || _memory + room.Memory <= budget);
    }

    /// <summary>Takes the room for a start; the port, if it needs one.</summary>
    public int? Take(InstanceKey key)
    {
        var room = _challenges[key.Challenge];
        Note(key, room);
        return room.NeedsPort ? Ports.Lease(key) : null;
    }

    /// <summary>Notes the room that a backend takes which was there before; false if its port is another's.</summary>
    public bool Occupy(InstanceKey key, int? port)
    {
        if (port is { } held && !Ports.Occupy(key, held))
        {
            return false;
        }

        if (!_taken.ContainsKey(key))
        {
            Note(key, _challenges[key.Challenge]);
        }

        return true;
    }

    /// <summary>Gives the room of a key back, if it has any; false if it has none.</summary>
    public bool Return(InstanceKey key, bool portTaken = false)
    {
        if (!_taken.Remove(key, out var room))
        {
            return false;
        }

        room.Taken--;
        _memory -= room.Memory;
        Ports.Return(key, portTaken);
        return true;
    }

    /// <summary>The room of one key, with the port in it, is another's from now on.</summary>
    public void Move(InstanceKey from, InstanceKey to)
    {
        Return(to);
        if (_taken.Remove(from, out var room))
        {
            _taken.Add(to, room);
            Ports.Move(from, to);
        }
    }

    /// <summary>Whether the key has room.</summary>
    public bool IsTaken(InstanceKey key) => _taken.ContainsKey(key);

    /// <summary>What is missing for that many more starts of each challenge.</summary>
    public RoomDemand Demand(IReadOnlyDictionary<string, int> starts)
    {
        var places = new Dictionary<string, int>();
        var ports = -Ports.Free;
        var memory = _memory - (_options.MemoryBudget ?? long.MaxValue);
        foreach (var (challenge, count) in starts)
        {
            var room = _challenges[challenge];
            places.Add(challenge, Math.Max(0, count - (room.Challenge.MaxInstances - room.Taken)));
            ports += room.NeedsPort ? count : 0;
            memory += count * room.Memory;
        }

        return new RoomDemand(places, Math.Max(0, ports), Math.Max(0, memory));
    }

    private void Note(InstanceKey key, ChallengeRoom room)
    {
        _taken.Add(key, room);
        room.Taken++;
        _memory += room.Memory;
    }

    private sealed class ChallengeRoom(Challenge challenge, IInstanceRuntime runtime)
    {
        public Challenge Challenge => challenge;

        public bool NeedsPort => runtime.NeedsPort(challenge.Template);

        public long Memory => challenge.Template.TotalMemory ?? 0;

        public int Taken { get; set; }
    }
}
