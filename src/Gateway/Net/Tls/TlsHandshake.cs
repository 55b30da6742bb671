using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Net.Tls;

/// <summary>
/// The server's side of TLS handshakes: versions 1.2 and 1.3, no client certificates, no application protocols, no renegotiation.
/// </summary>
/// <param name="certificates">The certificate of what is served under a name.</param>
/// <param name="logger">For the clients that come through.</param>
internal sealed class TlsHandshake(Func<string, TlsCertificates> certificates, ILogger logger)
{
    /// <summary>What a client may send until its handshake is done: some sixteen times what it needs to.</summary>
    private const int MostBytes = 32 * 1024;

    private const byte UnrecognizedName = 112;
    private const byte MissingExtension = 109;

    /// <summary>Shakes hands.</summary>
    /// <param name="socket">The client's socket, taken over: it is closed if nothing comes of it.</param>
    /// <param name="find">What is served under a name, which is empty if the client asks for none; null for nothing, and then the client is told so.</param>
    /// <param name="cancellationToken">Ends it, for instance because it takes too long.</param>
    public async Task<TlsOutcome> RunAsync(IAcceptedSocket socket, Func<string, string?> find, CancellationToken cancellationToken)
    {
        var turn = new TlsTurn();
        var below = new ExactStream(socket, MostBytes, turn);
        var stream = new SslStream(below, leaveInnerStreamOpen: true);
        var name = "";
        string? challenge = null;
        try
        {
            await turn.TakeAsync();
            await stream.AuthenticateAsServerAsync(Select, null, cancellationToken);
            turn.GiveBack();
            below.Unbound();
            return new TlsOutcome.Accepted(new TlsClient(socket, stream, turn, name, logger), challenge!);
        }
        catch (NameException)
        {
            // Nothing was said before, so the alert is in plain text: RFC 8446, 6 and 9.2; RFC 6066, 3. If there is no room for seven bytes, nobody reads them.
            socket.TryWrite([21, 3, 3, 0, 2, 2, name.Length > 0 ? UnrecognizedName : MissingExtension]);
            return Refuse("nothing is served under the name that it asks for");
        }
        catch (OperationCanceledException)
        {
            return Refuse("it took too long, or others needed the place");
        }
        catch (Exception e)
        {
            // A stranger's bytes make the stream throw more than it is documented to: for hellos of strange shapes an IndexOutOfRangeException, a NotSupportedException.
            return Refuse((e.InnerException ?? e).Message.ReplaceLineEndings(" "));
        }

        ValueTask<SslServerAuthenticationOptions> Select(SslStream _, SslClientHelloInfo hello, object? state, CancellationToken token)
        {
            name = hello.ServerName;
            challenge = find(name);
            return challenge is null ? throw new NameException() : new(Options(certificates(challenge).Current));
        }

        TlsOutcome.Refused Refuse(string reason)
        {
            stream.Dispose();
            socket.Dispose();
            return new TlsOutcome.Refused(reason);
        }
    }

    private static SslServerAuthenticationOptions Options(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = false,
        AllowRenegotiation = false,
    };

    /// <summary>Ends a handshake from within: there is no other way to.</summary>
    private sealed class NameException : Exception;
}

/// <summary>What came of a handshake.</summary>
internal abstract record TlsOutcome
{
    /// <summary>The client speaks TLS.</summary>
    /// <param name="Client">The client; the receiver owns it.</param>
    /// <param name="Challenge">What is served under the name that it asked for.</param>
    public sealed record Accepted(TlsClient Client, string Challenge) : TlsOutcome;

    /// <summary>It does not, or asks for a name that nobody has; it is closed.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Refused(string Reason) : TlsOutcome;
}
