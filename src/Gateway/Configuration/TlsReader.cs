using Instancer.Gateway.Net.Tls;

namespace Instancer.Gateway.Configuration;

/// <summary>TLS in front of a challenge. What is in the files can change while the node runs, where they are cannot.</summary>
/// <param name="Certificate">A PEM file with the certificate, and those that lead from it to a root.</param>
/// <param name="Key">A PEM file with its private key.</param>
/// <param name="Names">The names that clients ask for it by (SNI), <c>*.example.org</c> among them; empty for whoever asks for no other challenge of the port.</param>
internal sealed record TlsSettings(string Certificate, string Key, IReadOnlyList<string> Names);

/// <summary>Reads whether a challenge speaks TLS.</summary>
internal static class TlsReader
{
    /// <summary>The section.</summary>
    public const string Option = "tls";

    private static readonly ValueKind<string> PemFile = new("a file", "the path of a PEM file that is there", (string text, out string value) =>
    {
        value = text;
        return File.Exists(text);
    });

    /// <summary>The settings; null if there is no TLS.</summary>
    public static TlsSettings? Read(SectionReader challenge)
    {
        if (challenge.IsMissing(Option) || challenge.IsNone(Option))
        {
            return null;
        }

        var section = challenge.Section(Option);
        var certificate = section.Required("certificate", PemFile) ?? "";
        var key = section.Value("key", certificate, PemFile);
        var names = section.List("names") ?? [];
        section.Finish();
        if (!TlsNames.TryCreate(names.Select(name => (name, "")), defaultChallenge: null, out _, out var problem))
        {
            section.Fail("names", problem);
        }

        if (File.Exists(certificate) && File.Exists(key) && new TlsPair(certificate, key).Read(seen: [], out problem) is null)
        {
            section.Fail("certificate", problem!);
        }

        return new TlsSettings(certificate, key, names);
    }
}
