namespace Instancer.Actors.Connections;

/// <summary>What becomes of a client until it is served: told to its socket, for whoever stands in front of it.</summary>
public abstract record ClientNotice
{
    /// <summary>It is known, or need not be: it is to be served, and will need a backend.</summary>
    public sealed record Accepted : ClientNotice
    {
        /// <summary>The only one there is.</summary>
        public static Accepted Instance { get; } = new();
    }

    /// <summary>It waits for its instance, which does not run: told once, when the start begins or gets its place in the queue. Who joins a start that has begun is not told.</summary>
    /// <param name="Position">Its start's place in the queue, from 1; null if the start does not wait for its turn.</param>
    public sealed record Waits(int? Position) : ClientNotice;

    /// <summary>Its preamble was malformed, incomplete or too late, or its token is not accepted.</summary>
    public sealed record NotAccepted : ClientNotice;

    /// <summary>There will be no instance for it.</summary>
    public sealed record Denied : ClientNotice;
}
