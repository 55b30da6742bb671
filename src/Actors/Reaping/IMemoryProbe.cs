namespace Instancer.Actors.Reaping;

/// <summary>Measures the memory that instances could still take.</summary>
public interface IMemoryProbe
{
    /// <summary>One reading. Never waits: it is called in an actor's handler.</summary>
    MemoryReading Read();
}

/// <summary>A reading of the host's memory, or of the cgroup's limit if there is one.</summary>
/// <param name="Available">Bytes that could be taken without swapping.</param>
/// <param name="Total">Bytes in all.</param>
public readonly record struct MemoryReading(long Available, long Total);
