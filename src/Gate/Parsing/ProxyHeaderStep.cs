using System.Net;

namespace Instancer.Gate.Parsing;

/// <summary>What <see cref="ProxyHeader.Read"/> makes of what has come.</summary>
internal abstract record ProxyHeaderStep
{
    /// <summary>It is not all there.</summary>
    /// <param name="Count">How many bytes are missing at least: so many may be read without touching what is behind the header. From 1.</param>
    public sealed record More(int Count) : ProxyHeaderStep;

    /// <summary>It is all there.</summary>
    /// <param name="Length">How many bytes it has; the connection's own begin behind them.</param>
    /// <param name="Source">The client, a mapped IPv4 address as IPv4; null if it is whoever sent the header, as with a proxy's own health checks.</param>
    public sealed record Complete(int Length, IPEndPoint? Source) : ProxyHeaderStep;

    /// <summary>It is no header.</summary>
    /// <param name="Reason">Why, in one line, in which nothing of the bytes stands.</param>
    public sealed record Invalid(string Reason) : ProxyHeaderStep;
}
