using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Instancer.TestKit.Net;

namespace Instancer.EndToEnd.Entry;

/// <summary>A client that speaks TLS.</summary>
internal sealed class TlsPeer : IDisposable
{
    private readonly RawSocket _socket;
    private readonly SslStream _stream;
    private readonly TlsTurns _turns = new();

    private TlsPeer(RawSocket socket)
    {
        _socket = socket;
        _stream = new SslStream(_turns.Over(socket.Socket));
    }

    /// <summary>Whom the server's certificate is of.</summary>
    public string Subject => _stream.RemoteCertificate!.Subject;

    /// <summary>A certificate that says <c>CN=name</c>, and its key, both in PEM form.</summary>
    public static (string Certificate, string Key) NewCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(200));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Connects and asks for a name, or for none.</summary>
    /// <exception cref="AuthenticationException">The server does not serve the name.</exception>
    public static async Task<TlsPeer> ConnectAsync(IPEndPoint endPoint, string name) => await OverAsync(await RawSocket.ConnectAsync(endPoint), name);

    /// <summary>The same over a connection that there is already, taken over.</summary>
    /// <exception cref="AuthenticationException">The server does not serve the name.</exception>
    public static async Task<TlsPeer> OverAsync(RawSocket socket, string name)
    {
        var peer = new TlsPeer(socket);
        try
        {
            using var deadline = new CancellationTokenSource(RawSocket.Deadline);
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            };
            await peer._turns.RunAsync(() => peer._stream.AuthenticateAsClientAsync(options, deadline.Token));
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    public async Task SendAsync(byte[] bytes)
    {
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        await _stream.WriteAsync(bytes, deadline.Token);
    }

    public Task SendAsync(string text) => SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Says close_notify, and nothing of TCP.</summary>
    public Task EndSendingAsync() => _turns.RunAsync(() => _stream.ShutdownAsync());

    /// <summary>Reads up to and with the text.</summary>
    public async Task<string> ReceiveToAsync(string end)
    {
        var all = new StringBuilder();
        var one = new byte[1];
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        while (!all.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            await _turns.RunAsync(async () => Assert.True(await _stream.ReadAsync(one, deadline.Token) == 1, $"The end came after \"{all}\"."));
            all.Append((char)one[0]);
        }

        return all.ToString();
    }

    /// <summary>Sends a line and reads the line that comes back, without its end.</summary>
    public async Task<string> AskAsync(string line)
    {
        await SendAsync(line + "\n");
        return (await ReceiveToAsync("\n")).TrimEnd('\n');
    }

    /// <summary>Reads so many bytes, or less if the end comes before.</summary>
    public async Task<byte[]> ReceiveSomeAsync(int count)
    {
        var bytes = new byte[count];
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        var received = 0;
        await _turns.RunAsync(async () => received = await _stream.ReadAtLeastAsync(bytes, count, throwOnEndOfStream: false, deadline.Token));
        return bytes[..received];
    }

    /// <summary>Reads to the server's close_notify.</summary>
    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var all = new MemoryStream();
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        await _turns.RunAsync(() => _stream.CopyToAsync(all, deadline.Token));
        return all.ToArray();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
