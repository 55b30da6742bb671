using System.Text;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Tokens;
using Instancer.TestKit;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>A service and an authenticator that asks it, under virtual time.</summary>
internal sealed class HttpAuthenticatorRig : IAsyncDisposable
{
    // Each has a good deal of it.
    private const string PartOfTokens = "tttttttttttttttt";

    private HttpAuthenticatorRig(TokenService service, HttpAuthenticatorOptions options)
    {
        (Service, Options) = (service, options);
        Log.Hide(service.Url.PathAndQuery);
        Log.Hide(PartOfTokens);
        Log.Hide("bearer-of-the-service");
        Authenticator = new HttpAuthenticator(options, Time, new Logger<HttpAuthenticator>(Log));
    }

    public TokenService Service { get; }

    public HttpAuthenticatorOptions Options { get; }

    public VirtualTime Time { get; } = new();

    /// <summary>Stands for the name where nobody can say.</summary>
    public const string Unknown = "?";

    public RecordingLogger Log { get; } = new();

    public HttpAuthenticator Authenticator { get; }

    public static async Task<HttpAuthenticatorRig> StartAsync(Func<HttpAuthenticatorOptions, HttpAuthenticatorOptions>? change = null)
    {
        var service = await TokenService.StartAsync();
        var options = new HttpAuthenticatorOptions { Url = service.Url };
        return new HttpAuthenticatorRig(service, change?.Invoke(options) ?? options);
    }

    /// <summary>128 bytes that begin with a name.</summary>
    public static byte[] Token(string name) => Encoding.ASCII.GetBytes(name.PadRight(Preamble.TokenLength, 't'));

    /// <summary>Asks about the token of a name; the client's name, or null.</summary>
    public Task<string?> AskAsync(string token = "a", string challenge = "pwn", CancellationToken cancellationToken = default) =>
        NameAsync(Authenticator.AuthenticateAsync(new AuthenticationRequest(challenge, "192.0.2.1:77", Token(token)), cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        await Authenticator.DisposeAsync();
        Log.Dispose();
    }

    private static async Task<string?> NameAsync(ValueTask<Authentication> asked) => await asked is { IsUnknown: false } known ? known.Client?.Name : Unknown;
}
