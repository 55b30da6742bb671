using Instancer.Actors.Connections;
using Instancer.Gateway.Net.Tls;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class TlsCertificatesTests
{
    private const int NotLoaded = 6401;

    private readonly RecordingLogger _log = new();

    [Theory, EachTransport]
    public async Task A_new_pair_is_for_new_handshakes_and_sessions_live_on(string transport)
    {
        await using var rig = new TlsRig(transport);
        var (client, server, session) = await rig.StartAsync();
        Assert.Equal("CN=first", client.Subject);

        rig.Files.Write(CertificateFiles.New("second"));
        await Eventually.TrueAsync(() => rig.Certificates.Current.TargetCertificate.Subject == "CN=second", "the second certificate counts");

        var (other, _) = await rig.ConnectAsync();
        Assert.Equal("CN=second", other.Subject);
        await client.SendAndEndAsync("still here"u8.ToArray());
        Assert.Equal("still here"u8.ToArray(), await server.ReceiveToEndAsync());
        server.EndSending();
        Assert.Empty(await client.ReceiveToEndAsync());
        Assert.Equal(SessionEndCause.Finished, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);
    }

    [Fact]
    public async Task A_pair_that_does_not_fit_changes_nothing_is_said_once_and_passes()
    {
        await using var files = new CertificateFiles();
        var certificates = files.Open(logger: _log);
        var (certificate, key) = CertificateFiles.New("second");

        files.WriteCertificate(certificate);
        await Eventually.TrueAsync(() => _log.Of(NotLoaded).Count == 1, "it is said");
        Assert.Equal("CN=first", certificates.Current.TargetCertificate.Subject);

        files.WriteKey(key);
        await Eventually.TrueAsync(() => certificates.Current.TargetCertificate.Subject == "CN=second", "the second certificate counts");
        var line = Assert.Single(_log.Of(NotLoaded)).Text;
        Assert.Equal($"{files.KeyPath} is not the private key of the certificate in {files.CertificatePath}; the certificate that was read before stays", line);
        AssertSilentOf(key);
    }

    [Fact]
    public async Task Each_way_of_being_bad_is_said_with_the_file_that_is()
    {
        await using var files = new CertificateFiles();
        var (certificate, key) = CertificateFiles.New("good");
        foreach (var (break_, problem) in ((Action, string)[])
        [
            (() => files.WriteKey("hello"), $"{files.KeyPath} holds no private key in PEM form"),
            (() => files.WriteKey(certificate), $"{files.KeyPath} holds no private key in PEM form"),
            (() => files.WriteKey(key.Replace(" PRIVATE", " ENCRYPTED PRIVATE", StringComparison.Ordinal)), $"{files.KeyPath} is encrypted; allowed: a private key in PEM form, not encrypted"),
            (() => files.WriteKey("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), $"{files.KeyPath} is not the private key of the certificate in {files.CertificatePath}"),
            (() => files.WriteKey(CertificateFiles.New("other").Key), $"{files.KeyPath} is not the private key of the certificate in {files.CertificatePath}"),
            (() => File.Delete(files.KeyPath), $"{files.KeyPath} is no file"),
            (() => files.WriteCertificate("hello"), $"{files.CertificatePath} holds no certificate in PEM form"),
            (() => files.WriteCertificate(key), $"{files.CertificatePath} holds no certificate in PEM form"),
            (() => files.WriteCertificate(new string('x', 2 << 20)), $"{files.CertificatePath} is too long"),
            (() => File.Delete(files.CertificatePath), $"{files.CertificatePath} is no file"),
        ])
        {
            files.Write((certificate, key));
            break_();
            Assert.Null(TlsCertificates.Open(files.CertificatePath, files.KeyPath, TimeProvider.System, _log, out var said));
            Assert.Equal(problem, said);
        }

        files.Write(("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key));
        Assert.Null(TlsCertificates.Open(files.CertificatePath, files.KeyPath, TimeProvider.System, _log, out var unreadable));
        Assert.StartsWith($"{files.CertificatePath} cannot be read: ", unreadable, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task A_key_that_is_open_to_others_is_not_read()
    {
        await using var files = new CertificateFiles();
        files.Protect(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        Assert.Null(TlsCertificates.Open(files.CertificatePath, files.KeyPath, TimeProvider.System, _log, out var problem));

        Assert.Equal($"{files.KeyPath} is open to others (mode 444)", problem);
    }

    [Fact]
    public async Task The_key_is_in_no_log()
    {
        await using var files = new CertificateFiles();
        var (certificate, key) = CertificateFiles.New("second");
        files.Write((certificate, key));
        files.Open(logger: _log);
        Assert.Single(_log.Lines);
        AssertSilentOf(key);
    }

    private void AssertSilentOf(string key)
    {
        var secret = key.Split('\n')[1];
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains(secret, StringComparison.Ordinal) || $"{line.Exception}".Contains(secret, StringComparison.Ordinal));
    }
}
