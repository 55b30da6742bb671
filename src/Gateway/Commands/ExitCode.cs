namespace Instancer.Gateway.Commands;

/// <summary>How a command ended.</summary>
internal static class ExitCode
{
    /// <summary>It did what it was asked.</summary>
    public const int Done = 0;

    /// <summary>It could not.</summary>
    public const int Failed = 1;

    /// <summary>It was asked wrongly, or the configuration is wrong.</summary>
    public const int Usage = 2;
}
