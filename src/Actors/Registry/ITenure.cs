namespace Instancer.Actors.Registry;

/// <summary>For how long this node may act as the owner of what it claimed.</summary>
public interface ITenure
{
    /// <summary>
    /// Whether it may at this moment. Once false for good, another node may own what this one did. Any thread may ask, and asks before each thing that only an owner may do.
    /// </summary>
    bool Holds { get; }
}

/// <summary>The tenure of a node that is alone: nobody can take anything from it.</summary>
public sealed class UnlimitedTenure : ITenure
{
    private UnlimitedTenure()
    {
    }

    /// <summary>The one value.</summary>
    public static UnlimitedTenure Instance { get; } = new();

    /// <inheritdoc/>
    public bool Holds => true;
}
