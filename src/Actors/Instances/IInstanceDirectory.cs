namespace Instancer.Actors.Instances;

/// <summary>What operators may ask of a running node's instances. Fails with <see cref="Runtime.AskFailedException"/> if the node is going down.</summary>
public interface IInstanceDirectory
{
    /// <summary>Every instance, in no particular order.</summary>
    Task<IReadOnlyList<InstanceInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Stops an instance and ends when its backend is gone; false if there is no such instance.</summary>
    Task<bool> StopAsync(InstanceKey key, CancellationToken cancellationToken);

    /// <summary>Adds to an instance's time to live; the new end of it, or null if there is no such instance with a backend.</summary>
    Task<DateTimeOffset?> ExtendAsync(InstanceKey key, TimeSpan duration, CancellationToken cancellationToken);
}
