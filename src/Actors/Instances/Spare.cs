namespace Instancer.Actors.Instances;

/// <summary>A backend that was started before anybody asked for it.</summary>
/// <param name="Key">The stand-in that it was started under.</param>
/// <param name="Backend">The backend.</param>
internal sealed record Spare(InstanceKey Key, Backend Backend);

/// <summary>What became of a spare that an instance was given.</summary>
/// <param name="Key">The spare's stand-in.</param>
/// <param name="Taken">Whether it is the instance's backend now. If not, it is nobody's any more, and goes.</param>
internal sealed record SpareUse(InstanceKey Key, bool Taken);
