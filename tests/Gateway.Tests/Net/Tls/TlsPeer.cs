using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net.Tls;

/// <summary>A client that speaks TLS, and believes every certificate. Every wait has a deadline.</summary>
internal sealed class TlsPeer : IDisposable
{
    private readonly SslStream _stream;
    private readonly TlsTurns _turns = new();

    private TlsPeer(RawSocket raw)
    {
        Raw = raw;
        _stream = new SslStream(_turns.Over(raw.Socket));
    }

    public RawSocket Raw { get; }

    /// <summary>What the server's certificate says it is.</summary>
    public string Subject => _stream.RemoteCertificate!.Subject;

    public SslProtocols Protocol => _stream.SslProtocol;

    public static async Task<TlsPeer> ConnectAsync(string address, string name = "", SslProtocols protocols = SslProtocols.None, int? receiveBuffer = null)
    {
        return await OverAsync(await RawSocket.ConnectAsync(IPEndPoint.Parse(address), receiveBuffer), name, protocols);
    }

    /// <summary>Shakes hands over a connection, which it takes over.</summary>
    public static async Task<TlsPeer> OverAsync(RawSocket raw, string name, SslProtocols protocols = SslProtocols.None)
    {
        var peer = new TlsPeer(raw);
        try
        {
            await peer.InTurnAsync(() => peer._stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                EnabledSslProtocols = protocols,
                CertificateChainPolicy = new X509ChainPolicy { VerificationFlags = X509VerificationFlags.AllFlags, DisableCertificateDownloads = true },
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            }));
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes) => _stream.WriteAsync(bytes).AsTask().WaitAsync(RawSocket.Deadline);

    /// <summary>Says close_notify, and keeps the connection.</summary>
    public Task EndSendingAsync() => InTurnAsync(() => _stream.ShutdownAsync());

    public async Task SendAndEndAsync(ReadOnlyMemory<byte> bytes)
    {
        await SendAsync(bytes);
        await EndSendingAsync();
    }

    public async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        await InTurnAsync(() => _stream.ReadExactlyAsync(bytes).AsTask());
        return bytes;
    }

    public async Task<byte[]> ReceiveToEndAsync()
    {
        using var all = new MemoryStream();
        await InTurnAsync(() => _stream.CopyToAsync(all));
        return all.ToArray();
    }

    /// <summary>Receives up to a reset.</summary>
    public async Task<byte[]> ReceiveToResetAsync()
    {
        using var all = new MemoryStream();
        var lost = await Assert.ThrowsAsync<IOException>(() => InTurnAsync(() => _stream.CopyToAsync(all)));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(lost.InnerException).SocketErrorCode);
        return all.ToArray();
    }

    public void Reset() => Raw.Reset();

    /// <summary>Closes the socket in order, without a close_notify.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        Raw.Dispose();
    }

    private Task InTurnAsync(Func<Task> act) => _turns.RunAsync(act).WaitAsync(RawSocket.Deadline);
}
