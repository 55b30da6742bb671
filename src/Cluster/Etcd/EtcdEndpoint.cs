using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Instancer.Cluster.Etcd;

/// <summary>One member of etcd: its URL, and the HTTP client that reaches it.</summary>
internal sealed class EtcdEndpoint : IDisposable
{
    private readonly Lazy<HttpClient> _client;

    private EtcdEndpoint(string text, Uri? url, EtcdOptions options)
    {
        Text = text;
        Url = url;
        // Not published before it succeeds: certificate files that are missing now may be there at the next call.
        _client = new Lazy<HttpClient>(
            () => new HttpClient(Handler(options, isTls: url?.Scheme == "https")) { BaseAddress = url, Timeout = System.Threading.Timeout.InfiniteTimeSpan },
            LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The URL as the operator wrote it.</summary>
    public string Text { get; }

    /// <summary>Null if what the operator wrote is none.</summary>
    public Uri? Url { get; }

    /// <summary>Whether an etcd that can be used has answered there.</summary>
    public bool IsKnown { get; set; }

    /// <summary>The client.</summary>
    /// <exception cref="IOException">A certificate file is missing or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A certificate file may not be read.</exception>
    public HttpClient Client => _client.Value;

    /// <summary>The endpoint that an operator named. One that makes no sense has no URL.</summary>
    public static EtcdEndpoint Of(string text, EtcdOptions options)
    {
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.Fragment.Length == 0;
        return new EtcdEndpoint(text, isUrl ? url : null, options);
    }

    public void Dispose()
    {
        if (_client.IsValueCreated)
        {
            _client.Value.Dispose();
        }
    }

    private static SocketsHttpHandler Handler(EtcdOptions options, bool isTls)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
        };
        if (!isTls)
        {
            return handler;
        }

        if (options.CaFile is { } authorities)
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            Read(authorities, () => trust.CustomTrustStore.ImportFromPemFile(authorities));
            if (trust.CustomTrustStore.Count == 0)
            {
                throw new IOException($"there is no certificate in {authorities}");
            }

            handler.SslOptions.CertificateChainPolicy = trust;
        }

        if (options.CertificateFile is { } certificate)
        {
            Read(certificate, () =>
            {
                using var pem = X509Certificate2.CreateFromPemFile(certificate, options.KeyFile);
                // Windows' TLS takes no key that was not imported.
                handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
            });
        }

        return handler;
    }

    private static void Read(string file, Action read)
    {
        try
        {
            read();
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{file} cannot be read: {e.Message}");
        }
    }

    // A watch may be silent for hours; a path that is gone has to be noticed all the same.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 3);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
