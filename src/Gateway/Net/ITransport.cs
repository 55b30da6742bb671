using System.Net;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net;

/// <summary>The data path: it listens, dials and relays. Disposing it ends what is still open.</summary>
internal interface ITransport : IRelay, IDisposable
{
    /// <summary>Opens a listener.</summary>
    /// <param name="address">The local address; <c>::</c> takes IPv4 clients too.</param>
    /// <param name="port">0 to 65535; 0 lets the system choose.</param>
    /// <exception cref="ListenFailedException">The address is in use, forbidden or not this machine's.</exception>
    IListener Listen(IPAddress address, int port);
}
