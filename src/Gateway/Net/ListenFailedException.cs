using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Net;

/// <summary>A listener that could not be opened; the message is one line, for the operator.</summary>
internal sealed class ListenFailedException : Exception
{
    public ListenFailedException(IPEndPoint endPoint, SocketException cause)
        : base($"cannot listen on {endPoint}: {Reason(cause)}", cause)
    {
    }

    private static string Reason(SocketException cause) => cause.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => "address already in use",
        SocketError.AccessDenied => "permission denied",
        SocketError.AddressNotAvailable => "this machine does not have that address",
        _ => cause.Message,
    };
}
