using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>An engine at tcp:// with TLS, the certificates where DOCKER_CERT_PATH has them.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("instancer-tls-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_engine_is_trusted_if_the_authority_in_the_directory_vouches_for_it()
    {
        using var authority = Authority();
        using var server = Issued(authority, "CN=engine");
        await using var engine = await FakeEngine.StartTlsAsync(server);
        WriteClient(authority, authority);
        await using var runtime = NewRuntime(engine.Host);

        var probe = Assert.IsType<DockerProbe.Usable>(await runtime.ProbeAsync(CancellationToken.None));
        Assert.Equal(DockerAddress.Published, probe.Auto);
        Assert.Equal(engine.Host, probe.Endpoint);
    }

    [Fact]
    public async Task An_engine_that_another_authority_vouches_for_is_not_spoken_to()
    {
        using var authority = Authority();
        using var other = Authority();
        using var server = Issued(other, "CN=engine");
        await using var engine = await FakeEngine.StartTlsAsync(server);
        WriteClient(authority, authority);
        await using var runtime = NewRuntime(engine.Host);

        var probe = Assert.IsType<DockerProbe.Unusable>(await runtime.ProbeAsync(CancellationToken.None));
        Assert.StartsWith($"cannot reach the Docker engine at {engine.Host}: ", probe.Reason, StringComparison.Ordinal);
        Assert.Empty(engine.Requests);
        var start = new StartRequest(new InstanceKey("pwn", TokenHash.Random(), 1), new DockerTemplate { Image = "i", ContainerPort = 1 }, 20000);
        Assert.Equal(StartFailure.Unavailable, Assert.IsType<StartOutcome.Failed>(await runtime.StartAsync(start, CancellationToken.None)).Failure);
    }

    private DockerRuntime NewRuntime(string host)
    {
        var options = new DockerRuntimeOptions { Node = "n", Host = host, TlsVerify = true, CertificatePath = _directory };
        return new DockerRuntime(options, TimeProvider.System, NullLogger<DockerRuntime>.Instance);
    }

    private void WriteClient(X509Certificate2 trusted, X509Certificate2 issuer)
    {
        using var client = Issued(issuer, "CN=client");
        File.WriteAllText(Path.Combine(_directory, "ca.pem"), trusted.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "cert.pem"), client.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_directory, "key.pem"), client.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Authority()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=authority " + Guid.NewGuid(), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
    }

    private static X509Certificate2 Issued(X509Certificate2 authority, string name)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
