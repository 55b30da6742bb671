using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;

namespace Instancer.EndToEnd.Entry;

/// <summary>The files of certificates and keys, good ones and others.</summary>
public sealed partial class TlsTests
{
    [Fact]
    public async Task A_certificate_changes_while_the_node_runs_and_a_bad_one_changes_nothing()
    {
        var node = await StartAsync();
        using var session = await ConnectAsync(PwnName);
        await session.SendAsync(Home.Token.Preamble(1));
        Assert.Equal("before", await session.AskAsync(Backend.Echo + "\nbefore"));

        WriteCertificate("pwn", "renewed.example.org");
        await node.Process.LineAsync("CN=renewed.example.org");
        using (var client = await ConnectAsync(PwnName))
        {
            Assert.Equal("CN=renewed.example.org", client.Subject);
        }

        Home.WriteSecret("pwn.key", TlsPeer.NewCertificate("another").Key);
        await node.Process.LineAsync("is not the private key of the certificate in ");
        using (var client = await ConnectAsync(PwnName))
        {
            Assert.Equal("CN=renewed.example.org", client.Subject);
            await client.SendAsync(Home.Token.Preamble(1));
            Assert.NotEqual("", await client.AskAsync(Backend.Pid));
        }

        Assert.Equal("after", await session.AskAsync("after"));
    }

    [Theory]
    [InlineData("key", "pwn.crt", "holds no private key in PEM form")]
    [InlineData("certificate", "pwn.key", "holds no certificate in PEM form")]
    [InlineData("key", "web.key", "is not the private key of the certificate in ")]
    [InlineData("key", "nowhere", "nowhere")]
    public async Task Files_that_do_not_fit_keep_the_node_from_starting(string option, string file, string problem)
    {
        NodeHome.Protect(Path.Combine(Home.Directory, "pwn.crt"), UnixFileMode.UserRead);
        Home.Options["challenges"]!["pwn"]!["tls"]![option] = Path.Combine(Home.Directory, file);
        var refused = await Home.RunAsync("serve", "--config", Home.WriteConfiguration());
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(problem, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_challenges_of_one_name_on_one_port_are_refused()
    {
        Home.Options["challenges"]!["web"]!["tls"]!["names"] = new JsonArray(PwnName);
        var refused = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("instancer.challenges.web.tls.names", refused.Error, StringComparison.Ordinal);
    }

    private void WriteCertificate(string challenge, string name)
    {
        var (certificate, key) = TlsPeer.NewCertificate(name);
        File.WriteAllText(Path.Combine(Home.Directory, challenge + ".crt"), certificate);
        Home.WriteSecret(challenge + ".key", key);
    }
}
