namespace Instancer.Gateway.Commands;

/// <summary>What <c>connect</c> reads from and writes to.</summary>
/// <param name="Input">The bytes to send.</param>
/// <param name="Output">Where received bytes go.</param>
/// <param name="IsTerminal">Whether a person types the input, who does not end it when the other side has ended.</param>
internal sealed record StandardStreams(Stream Input, Stream Output, bool IsTerminal)
{
    /// <summary>The process's own.</summary>
    public static StandardStreams Open() =>
        new(Console.OpenStandardInput(), Console.OpenStandardOutput(), !Console.IsInputRedirected);
}
