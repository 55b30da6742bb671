using System.Net;

namespace Instancer.Gateway.Entry;

/// <summary>Hears of what may be the work of an attacker. Called at any time from any thread, and once a connection at most with each; never waits.</summary>
internal interface IEntryWatch
{
    /// <summary>A client's preamble was malformed, incomplete or too late, or its token is not accepted.</summary>
    /// <param name="address">The client's address, a mapped IPv4 address as IPv4.</param>
    void OnFailedPreamble(IPAddress address);

    /// <summary>A client has to wait for an instance to start.</summary>
    /// <param name="address">The client's address, a mapped IPv4 address as IPv4.</param>
    void OnStart(IPAddress address);
}
