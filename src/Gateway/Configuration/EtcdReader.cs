using Instancer.Cluster.Etcd;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads where etcd is, and who the node is to it.</summary>
internal static class EtcdReader
{
    private const string AllowedUrls = "http://HOST:PORT or https://HOST:PORT";

    private static readonly string[] OfTls = ["ca", "certificate"];

    private static readonly ValueKind<string> Url = new("a URL of etcd", AllowedUrls, (string text, out string value) =>
    {
        value = text;
        return Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https" && url.Host.Length > 0 && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.Fragment.Length == 0;
    });

    private static readonly ValueKind<string> User = new("a user's name", "printable characters", (string text, out string value) =>
    {
        value = text;
        return text.Length > 0 && !text.Any(char.IsControl);
    });

    private static readonly ValueKind<string> PemFile = new("a file", "the path of a PEM file that is there", (string text, out string value) =>
    {
        value = text;
        return File.Exists(text);
    });

    /// <summary>The options of etcd, from the section of the cluster.</summary>
    public static EtcdOptions Read(SectionReader section)
    {
        var endpoints = section.Values("etcd", Url);
        if (section.IsMissing("etcd") || section.IsNone("etcd"))
        {
            section.Fail("etcd", "no URL; allowed: a list of at least one, such as [\"http://10.0.0.9:2379\"]");
        }

        var options = new EtcdOptions
        {
            Endpoints = endpoints,
            User = section.Value<string?>("user", null, User!),
            Password = PrivateFileReader.Read(section, "passwordFile", 1, "a file with the user's password, which nobody but its owner and group has a right to")?.Text,
            CaFile = section.Value<string?>("ca", null, PemFile!),
            CertificateFile = section.Value<string?>("certificate", null, PemFile!),
            KeyFile = section.Value<string?>("key", null, PemFile!),
        };
        NeedEachOther(section, "user", "passwordFile");
        NeedEachOther(section, "passwordFile", "user");
        if (IsGiven(section, "key") && !IsGiven(section, "certificate"))
        {
            section.Fail("key", $"there is no certificate that it belongs to; allowed: together with {section.PathOf("certificate")}");
        }

        if (endpoints.Count > 0 && !endpoints.Any(url => url.StartsWith("https:", StringComparison.OrdinalIgnoreCase)))
        {
            foreach (var option in OfTls.Where(option => IsGiven(section, option)))
            {
                section.Fail(option, $"of no use without TLS; allowed: with https in {section.PathOf("etcd")}");
            }
        }

        return options;
    }

    private static void NeedEachOther(SectionReader section, string option, string other)
    {
        if (IsGiven(section, option) && !IsGiven(section, other))
        {
            section.Fail(other, $"missing; allowed: with {section.PathOf(option)} it has to be given");
        }
    }

    private static bool IsGiven(SectionReader section, string option) => !section.IsMissing(option) && !section.IsNone(option);
}
