using Instancer.Actors.Connections;

namespace Instancer.Gate.Parsing;

/// <summary>What <see cref="LinePreamble.Read"/> makes of what has come.</summary>
internal abstract record LinePreambleStep
{
    /// <summary>It is not all there.</summary>
    /// <param name="Count">How many bytes are missing at least: so many may be read without touching what is behind the line. From 1.</param>
    public sealed record More(int Count) : LinePreambleStep;

    /// <summary>It is all there.</summary>
    /// <param name="Length">How many bytes the line has with its end; the session's begin behind them.</param>
    /// <param name="Preamble">What it says, in bytes of its own: those that were read may be cleared.</param>
    public sealed record Complete(int Length, Preamble Preamble) : LinePreambleStep;

    /// <summary>It is no such line.</summary>
    public sealed record Malformed : LinePreambleStep
    {
        /// <summary>The one there is.</summary>
        public static Malformed Instance { get; } = new();
    }
}
