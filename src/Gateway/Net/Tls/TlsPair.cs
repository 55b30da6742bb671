using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Net.Tls;

/// <summary>The file of a certificate and that of its private key. What is in the key's is in no message.</summary>
/// <param name="certificatePath">The certificate, and after it those that lead from it to a root, in PEM form.</param>
/// <param name="keyPath">Its private key in PEM form, not encrypted.</param>
internal sealed class TlsPair(string certificatePath, string keyPath)
{
    // What is longer is some other file.
    private const int Longest = 1 << 20;

    public string CertificatePath => certificatePath;

    /// <summary>Reads both: no time stamp tells as surely as their contents whether they have changed, be they links or written twice in a moment.</summary>
    /// <param name="seen">The digest of what was read before.</param>
    /// <param name="problem">Which file is wrong, and what is, in one line; null if none is.</param>
    /// <returns>Null if there is a problem, or nothing has changed.</returns>
    public Contents? Read(byte[] seen, out string? problem)
    {
        var certificate = ReadFile(certificatePath, isPrivate: false, out problem);
        var key = problem is null ? ReadFile(keyPath, isPrivate: true, out problem) : null;
        if (certificate is null || key is null)
        {
            return null;
        }

        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(SHA256.HashData(certificate));
            hash.AppendData(SHA256.HashData(key));
            var digest = hash.GetHashAndReset();
            return digest.AsSpan().SequenceEqual(seen) ? null : Parse(certificate, key, digest, out problem);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[]? ReadFile(string path, bool isPrivate, out string? problem)
    {
        problem = null;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (isPrivate && PrivateFileReader.Exposure(file) is { } exposure)
            {
                problem = $"{path} {exposure}";
                return null;
            }

            if (file.Length > Longest)
            {
                problem = $"{path} is too long";
                return null;
            }

            var bytes = new byte[file.Length];
            file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problem = $"{path} is no file";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"{path} cannot be read: {e.Message.ReplaceLineEndings(" ")}";
        }

        return null;
    }

    private Contents? Parse(byte[] certificate, byte[] key, byte[] digest, out string? problem)
    {
        var chain = new X509Certificate2Collection();
        var keyText = new char[Encoding.UTF8.GetMaxCharCount(key.Length)];
        try
        {
            chain.ImportFromPem(Encoding.UTF8.GetString(certificate));
            if (chain.Count == 0)
            {
                problem = $"{certificatePath} holds no certificate in PEM form";
                return null;
            }

            var text = keyText.AsSpan(0, Encoding.UTF8.GetChars(key, keyText));
            problem = KeyProblem(text);
            return problem is null ? Match(chain, text, digest, out problem) : null;
        }
        catch (CryptographicException e)
        {
            // Only the certificates are parsed here: nothing of the key can be in it.
            problem = $"{certificatePath} cannot be read: {e.Message.ReplaceLineEndings(" ")}";
            return null;
        }
        finally
        {
            Array.Clear(keyText);
        }
    }

    private string? KeyProblem(ReadOnlySpan<char> text)
    {
        foreach (var label in PemLabels(text))
        {
            if (label.EndsWith("ENCRYPTED PRIVATE KEY", StringComparison.Ordinal))
            {
                return $"{keyPath} is encrypted; allowed: a private key in PEM form, not encrypted";
            }

            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
            {
                return null;
            }
        }

        return $"{keyPath} holds no private key in PEM form";
    }

    private static List<string> PemLabels(ReadOnlySpan<char> text)
    {
        var labels = new List<string>();
        while (PemEncoding.TryFind(text, out var fields))
        {
            labels.Add(text[fields.Label].ToString());
            text = text[fields.Location.End..];
        }

        return labels;
    }

    private Contents? Match(X509Certificate2Collection chain, ReadOnlySpan<char> key, byte[] digest, out string? problem)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPem(chain[0].ExportCertificatePem(), key);

            // Offline: nothing is fetched from addresses that are in certificates.
            problem = null;
            return new Contents(SslStreamCertificateContext.Create(leaf, chain, offline: true), digest);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // What exactly is wrong with a key is said nowhere.
            problem = $"{keyPath} is not the private key of the certificate in {certificatePath}";
            return null;
        }
    }

    /// <summary>What was read.</summary>
    /// <param name="Context">The certificate with its key.</param>
    /// <param name="Digest">Tells these contents from others.</param>
    public sealed record Contents(SslStreamCertificateContext Context, byte[] Digest);
}
