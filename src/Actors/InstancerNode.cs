#pragma warning disable CA1822, IDE0051, IDE0060 // the actors come next
using Instancer.Actors.Instances;

namespace Instancer.Actors;

/// <summary>One node: the actor system with the gateways, the token registry and the reaper in it.</summary>
public sealed class InstancerNode
{
    private InstancerNode(IInstanceDirectory instances, Task completion)
    {
        Instances = instances;
        Completion = completion;
    }

    /// <summary>The node's instances, for operators.</summary>
    public IInstanceDirectory Instances { get; }

    /// <summary>Ends when the node has stopped; faulted if an actor's failure was escalated to the root.</summary>
    public Task Completion { get; }

    /// <summary>Whether the node has adopted what it found and accepts clients.</summary>
    public bool IsReady => false;

    /// <summary>Starts the actors. The node owns the listeners from here on.</summary>
    public static InstancerNode Start(NodeOptions options, NodePorts ports) => throw new NotSupportedException();

    /// <summary>
    /// Stops in order: no more clients, sessions may go on for <see cref="GatewayOptions.DrainTimeout"/> and are then reset, starts are
    /// given up, backends of runtimes that survive a restart stay. <paramref name="hurry"/> cuts the sessions' time short.
    /// </summary>
    public Task DrainAsync(CancellationToken hurry) => Completion;
}
