namespace Instancer.Actors.Runtime;

/// <summary>An ask that will not be answered: its target has stopped, or has failed while it had the question.</summary>
public sealed class AskFailedException : Exception
{
    /// <summary>An ask that failed for the reason that <paramref name="message"/> gives.</summary>
    public AskFailedException(string message)
        : base(message)
    {
    }
}
