using System.Net;

namespace Instancer.Cluster;

/// <summary>A node of the cluster, as this one last heard of it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Advertise">Where the other nodes reach it.</param>
/// <param name="IsHere">Whether it is this one.</param>
/// <param name="IsDraining">Whether it is about to leave: nothing new is placed there.</param>
/// <param name="Challenges">How much it has to do, by the name of the challenge; it serves no others.</param>
public sealed record NodeInfo(
    string Name, IPEndPoint Advertise, bool IsHere, bool IsDraining, IReadOnlyDictionary<string, ChallengeLoad> Challenges);
