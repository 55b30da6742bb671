using System.Globalization;

namespace Instancer.Containers.Docker.Engine;

/// <summary>A version of the Docker Engine API.</summary>
internal readonly record struct ApiVersion(int Major, int Minor) : IComparable<ApiVersion>
{
    /// <summary>The oldest that is spoken: engine 20.10.</summary>
    public static readonly ApiVersion Oldest = new(1, 41);

    /// <summary>The newest that is spoken: engine 29.</summary>
    public static readonly ApiVersion Newest = new(1, 52);

    public static bool TryParse(string? text, out ApiVersion version)
    {
        version = default;
        var parts = text?.Trim().Split('.');
        if (parts is not [var first, var second]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return false;
        }

        version = new ApiVersion(major, minor);
        return true;
    }

    /// <summary>
    /// The version to speak with an engine that offers <paramref name="offered"/> as its newest: the engine's own as long as it is known
    /// here, because new engines refuse what is much older (29 refuses below 1.44). Null if the engine is too old.
    /// </summary>
    public static ApiVersion? Negotiate(ApiVersion offered) =>
        offered.CompareTo(Oldest) < 0 ? null : offered.CompareTo(Newest) > 0 ? Newest : offered;

    public int CompareTo(ApiVersion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
