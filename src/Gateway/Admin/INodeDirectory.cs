namespace Instancer.Gateway.Admin;

/// <summary>What operators may ask of the nodes.</summary>
internal interface INodeDirectory
{
    /// <summary>The nodes as this one knows them, itself among them, in no particular order. Fails as <see cref="Actors.Instances.IInstanceDirectory"/> does.</summary>
    Task<IReadOnlyList<NodeView>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>A node, as the admin endpoint shows it.</summary>
internal sealed record NodeView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the other nodes reach it; null for a node that is alone.</summary>
    public string? Advertise { get; init; }

    /// <summary>Whether it is the one that was asked.</summary>
    public required bool Here { get; init; }

    /// <summary>Whether it has its place, and so may serve.</summary>
    public required bool Place { get; init; }

    /// <summary>Whether it is being stopped.</summary>
    public required bool Draining { get; init; }

    /// <summary>What it has of each challenge.</summary>
    public required IReadOnlyDictionary<string, ChallengeLoad> Challenges { get; init; }
}

/// <summary>What a node has of a challenge.</summary>
/// <param name="Instances">How many instances.</param>
/// <param name="Max">How many it may have.</param>
internal sealed record ChallengeLoad(int Instances, int Max);

/// <summary>Stops the node in order.</summary>
internal interface IDrain
{
    /// <summary>Whether the node has been asked to stop, by whomever.</summary>
    bool IsAsked { get; }

    /// <summary>Asks it to stop in order, as the first signal does; asked again it changes nothing.</summary>
    /// <param name="by">Who asks, for the log.</param>
    void Ask(string by);
}
