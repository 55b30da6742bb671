namespace Instancer.Actors.Runtime;

/// <summary>A message that owns something: if it becomes a dead letter, what it owns is released.</summary>
public interface IDiscardable
{
    /// <summary>Releases what the message owns.</summary>
    void Discard();
}
