using System.Globalization;
using System.IO.Pipes;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Instancer.Containers.Docker.Engine;

/// <summary>Where an engine is, and how to make an HTTP client that reaches it.</summary>
internal sealed class EngineEndpoint
{
    private const string DefaultUnix = "unix:///var/run/docker.sock";
    private const string DefaultWindows = "npipe:////./pipe/docker_engine";

    private readonly Uri _base;
    private readonly Func<SocketsHttpHandler> _handler;

    private EngineEndpoint(string text, string? unixSocket, Uri baseAddress, Func<SocketsHttpHandler> handler)
    {
        Text = text;
        UnixSocket = unixSocket;
        _base = baseAddress;
        _handler = handler;
    }

    /// <summary>The endpoint as the operator wrote it.</summary>
    public string Text { get; }

    /// <summary>The path of the engine's socket, if it is at one.</summary>
    public string? UnixSocket { get; }

    /// <summary>The endpoint that <paramref name="options"/> name. One that makes no sense fails every call with a reason that says so.</summary>
    public static EngineEndpoint Of(DockerRuntimeOptions options)
    {
        var text = options.Host ?? (OperatingSystem.IsWindows() ? DefaultWindows : DefaultUnix);
        if (text.StartsWith("unix://", StringComparison.Ordinal) && text.Length > "unix://".Length)
        {
            var path = text["unix://".Length..];
            return new EngineEndpoint(text, path, new Uri("http://engine/"), () => Handler((_, token) => ConnectUnixAsync(path, token)));
        }

        if (text.StartsWith("npipe:////", StringComparison.Ordinal) && text.Split('/') is [_, _, _, _, var server, "pipe", var name])
        {
            return new EngineEndpoint(text, unixSocket: null, new Uri("http://engine/"), () => Handler((_, token) => ConnectPipeAsync(server, name, token)));
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "tcp" or "http" or "https" && uri.Host.Length > 0)
        {
            var tls = options.TlsVerify || uri.Scheme == "https";
            var port = uri.Port > 0 ? uri.Port : tls ? 2376 : 2375;
            var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{(tls ? "https" : "http")}://{uri.Host}:{port}/"));
            return new EngineEndpoint(text, unixSocket: null, address, () =>
            {
                var handler = Handler(ConnectTcpAsync);
                if (tls && options.CertificatePath is { } certificates)
                {
                    handler.SslOptions = Tls(certificates);
                }

                return handler;
            });
        }

        return new EngineEndpoint(text, unixSocket: null, new Uri("http://engine/"), () => Handler((_, _) =>
            throw new IOException("it is neither unix:///PATH, tcp://HOST:PORT nor npipe:////./pipe/NAME")));
    }

    /// <summary>A client for this endpoint.</summary>
    /// <exception cref="IOException">A certificate file is missing.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate file cannot be read.</exception>
    public HttpClient CreateClient() => new(_handler()) { BaseAddress = _base, Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler Handler(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new()
    {
        ConnectCallback = connect,
        // As many as there can be starts, stops and listings at once; each holds its connection while the engine works.
        MaxConnectionsPerServer = 256,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
    };

    private static async ValueTask<Stream> ConnectUnixAsync(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            // A connect would fail with an error that speaks of addresses.
            throw new FileNotFoundException("there is no such socket");
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return await ConnectAsync(socket, new UnixDomainSocketEndPoint(path), cancellationToken);
    }

    private static async ValueTask<Stream> ConnectTcpAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        // The stream of events may be silent for hours; an engine's host that vanished has to be noticed all the same.
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
        return await ConnectAsync(socket, context.DnsEndPoint, cancellationToken);
    }

    private static async ValueTask<Stream> ConnectAsync(Socket socket, EndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<Stream> ConnectPipeAsync(string server, string name, CancellationToken cancellationToken)
    {
        var pipe = new NamedPipeClientStream(server, name, PipeDirection.InOut, PipeOptions.Asynchronous);
        try
        {
            await pipe.ConnectAsync(TimeSpan.FromSeconds(2), cancellationToken);
            return pipe;
        }
        catch
        {
            await pipe.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Tls(string directory)
    {
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(directory, "cert.pem"), Path.Combine(directory, "key.pem"));
        // Windows' TLS takes no key that was not imported.
        var client = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(Path.Combine(directory, "ca.pem"));
        return new SslClientAuthenticationOptions
        {
            ClientCertificates = [client],
            CertificateChainPolicy = trust,
        };
    }
}
