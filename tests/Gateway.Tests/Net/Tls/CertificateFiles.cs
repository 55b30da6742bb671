using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Instancer.Gateway.Net.Tls;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Net.Tls;

/// <summary>A certificate and its key in files of a directory that goes with it.</summary>
internal sealed class CertificateFiles : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-tls-");
    private readonly List<TlsCertificates> _open = [];

    public CertificateFiles(string name = "first") => Write(New(name));

    public string CertificatePath => Path.Combine(_directory.FullName, "certificate.pem");

    public string KeyPath => Path.Combine(_directory.FullName, "key.pem");

    /// <summary>A new certificate that says <c>CN=name</c>.</summary>
    public static (string Certificate, string Key) New(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(40), DateTimeOffset.UnixEpoch.AddYears(200));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }

    public void Write((string Certificate, string Key) pair)
    {
        WriteCertificate(pair.Certificate);
        WriteKey(pair.Key);
    }

    public void WriteCertificate(string text) => File.WriteAllText(CertificatePath, text);

    public void WriteKey(string text)
    {
        File.WriteAllText(KeyPath, text);
        Protect(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    public void Protect(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(KeyPath, mode);
        }
    }

    public TlsCertificates Open(TimeProvider? time = null, Microsoft.Extensions.Logging.ILogger? logger = null)
    {
        var certificates = TlsCertificates.Open(CertificatePath, KeyPath, time ?? TimeProvider.System, logger ?? NullLogger.Instance, out var problem);
        Assert.Null(problem);
        _open.Add(certificates!);
        return certificates!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var certificates in _open)
        {
            await certificates.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }
}
