using System.Net;
using Microsoft.AspNetCore.Http;

namespace Instancer.Gateway.Admin;

/// <summary>Decides who may ask the admin endpoint what.</summary>
/// <param name="isLoopback">Whether the endpoint listens on loopback only.</param>
/// <param name="token">The bearer token.</param>
internal sealed class AdminGuard(bool isLoopback, AdminToken token)
{
    /// <summary>The status and reason of a refusal; null if the request may pass.</summary>
    public (int Status, string Reason)? Refuse(HttpRequest request)
    {
        // A page in a browser on this machine can send requests to loopback; through a name of its own that it points here it
        // could even read the answers (DNS rebinding). Its requests carry that name as the host.
        if (isLoopback && !IsLoopbackName(request.Host.Host))
        {
            return (StatusCodes.Status403Forbidden, "the Host header does not name the loopback address");
        }

        var needsToken = !isLoopback || !HttpMethods.IsGet(request.Method);
        return needsToken && !token.IsIn(request.Headers.Authorization)
            ? (StatusCodes.Status401Unauthorized, "the bearer token is missing or wrong; it is in the file of instancer.admin.tokenFile")
            : null;
    }

    private static bool IsLoopbackName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
