namespace Instancer.Containers.Docker;

/// <summary>What a network of the node's own is for. On none of them do containers reach each other.</summary>
internal enum NetworkKind
{
    /// <summary>Containers that are reached at their own IP. It is internal: beyond the engine's host there is nothing.</summary>
    Bridge,

    /// <summary>
    /// Containers with published ports, which an internal network does not allow. The way out is cut by not translating the containers' addresses:
    /// no answer finds the way back.
    /// </summary>
    Published,

    /// <summary>Containers with a way out, however they are reached.</summary>
    Egress,
}
