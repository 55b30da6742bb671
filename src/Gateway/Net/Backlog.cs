namespace Instancer.Gateway.Net;

/// <summary>How many connections the system keeps until they are accepted.</summary>
internal static class Backlog
{
    /// <summary>More than any burst we expect; the system cuts it to its own limit (Linux: <c>net.core.somaxconn</c>, 4096).</summary>
    public const int Length = 65535;
}
