using System.Net;
using System.Net.Sockets;
using Instancer.Gateway.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Instancer.Gateway.Admin;

/// <summary>
/// The admin endpoint's server: Kestrel without a host around it, which would take signals for itself and time to start.
/// </summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    private const int MostConnections = 256;

    // What is still being answered when the process ends is cut off after this long.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly KestrelServer _server;
    private readonly TimeProvider _time;

    private AdminEndpoint(KestrelServer server, TimeProvider time)
    {
        _server = server;
        _time = time;
    }

    /// <summary>Where it listens, as a URL.</summary>
    public string Address => _server.Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Starts to listen.</summary>
    /// <exception cref="AdminListenException">The address is in use, forbidden or not this machine's.</exception>
    public static async Task<AdminEndpoint> StartAsync(
        AdminSettings settings, AdminApplication application, TimeProvider time, ILoggerFactory loggers)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxRequestBodySize = 0;
        options.Listen(settings.Listen, settings.Port, listener => listener.Protocols = HttpProtocols.Http1);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers);
        var server = new KestrelServer(Options.Create(options), transport, loggers);
        try
        {
            await server.StartAsync(application, CancellationToken.None).ConfigureAwait(false);
            return new AdminEndpoint(server, time);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            server.Dispose();
            var reason = e.InnerException is AddressInUseException ? "address already in use" : e.Message.ReplaceLineEndings(" ");
            throw new AdminListenException(new IPEndPoint(settings.Listen, settings.Port), reason, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(StopTimeout, _time);
        await _server.StopAsync(timeout.Token).ConfigureAwait(false);
        _server.Dispose();
    }
}

/// <summary>The admin endpoint could not be opened; the message is one line, for the operator.</summary>
internal sealed class AdminListenException(IPEndPoint endPoint, string reason, Exception cause)
    : Exception($"admin endpoint: cannot listen on {endPoint}: {reason}", cause);
