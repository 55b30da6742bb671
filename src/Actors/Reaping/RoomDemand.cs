namespace Instancer.Actors.Reaping;

/// <summary>What waiting starts lack, counting instances that are being removed as still there.</summary>
/// <param name="Places">Places under a challenge's own limit, by challenge.</param>
/// <param name="Ports">Ports of the node's pool.</param>
/// <param name="Memory">Bytes of the memory budget.</param>
internal sealed record RoomDemand(IReadOnlyDictionary<string, int> Places, int Ports, long Memory)
{
    /// <summary>Nothing is missing.</summary>
    public static RoomDemand None { get; } = new(new Dictionary<string, int>(), 0, 0);
}
