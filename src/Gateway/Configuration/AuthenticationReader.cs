using Instancer.Gate.Options;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads who else than the tokens file says which tokens are accepted.</summary>
internal static class AuthenticationReader
{
    /// <summary>The section.</summary>
    public const string Name = "authentication";

    private const string UrlOption = "url";

    private static readonly string[] OfTheService = ["timeout", "cacheFor", "cacheRefusalsFor", "cacheSize", "whenDown", "maxConcurrent", "bearerFile"];

    private static readonly ValueKind<Uri> Url = new("a URL", "http://HOST/PATH or https://HOST/PATH, without a user", (string text, out Uri value) =>
        Uri.TryCreate(text, UriKind.Absolute, out value!)
        && value.Scheme is "http" or "https" && value.Host.Length > 0 && value.UserInfo.Length == 0 && value.Fragment.Length == 0);

    private static readonly ValueKind<WhenDown> IfDown = ValueKinds.Choice(
        "what happens", ("refuse", WhenDown.Refuse), ("accept-cached", WhenDown.AcceptCached));

    /// <summary>The section's options.</summary>
    public static AuthenticatorOptions Read(SectionReader section)
    {
        var options = new AuthenticatorOptions
        {
            KeyFile = section.IsNone("keyFile") ? null : section.Value<string?>("keyFile", null, ValueKinds.FilePath!),
            Http = ReadService(section),
        };
        section.Finish();
        return options;
    }

    private static HttpAuthenticatorOptions? ReadService(SectionReader section)
    {
        if (section.IsNone(UrlOption) || !section.TryValue(UrlOption, Url, out var url))
        {
            // The others say how it is asked; where nobody is asked they may stand as they are by default.
            section.Ignore(OfTheService);
            return null;
        }

        var defaults = new HttpAuthenticatorOptions { Url = url };
        return defaults with
        {
            Timeout = section.Value("timeout", defaults.Timeout, ValueKinds.Duration),
            CacheFor = section.ValueOrNone("cacheFor", defaults.CacheFor, ValueKinds.Duration) ?? TimeSpan.Zero,
            CacheRefusalsFor = section.ValueOrNone("cacheRefusalsFor", defaults.CacheRefusalsFor, ValueKinds.Duration) ?? TimeSpan.Zero,
            CacheSize = section.Value("cacheSize", defaults.CacheSize, ValueKinds.Count(1, 10_000_000)),
            WhenDown = section.Value("whenDown", defaults.WhenDown, IfDown),
            MaxConcurrent = section.Value("maxConcurrent", defaults.MaxConcurrent, ValueKinds.Count(1, 1024)),
            BearerFile = section.IsNone("bearerFile") ? null : section.Value<string?>("bearerFile", null, ValueKinds.FilePath!),
        };
    }
}
