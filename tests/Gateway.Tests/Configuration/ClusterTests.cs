using System.Net;
using Instancer.Cluster;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Tests.Configuration;

public sealed class ClusterTests
{
    private const string Secret = "allowed: a file with at least 32 characters, such as head -c 32 /dev/urandom | base64 makes, which nobody but its owner and group has a right to";

    [Theory]
    [InlineData("")]
    [InlineData("\"cluster\": null,")]
    public void Without_a_section_a_node_is_alone(string options) => Assert.Null(ConfigurationFile.Loaded(ConfigurationFile.WithSample(options)).Settings.Cluster);

    [Fact]
    public void What_is_not_given_follows_from_what_is()
    {
        var cluster = Read(ConfigurationFile.Cluster);
        Assert.Equal(
            new ClusterOptions
            {
                Node = "n", Advertise = IPEndPoint.Parse("10.0.0.1:7946"), Lease = TimeSpan.FromSeconds(10), Margin = TimeSpan.FromSeconds(2),
                KeepAliveInterval = TimeSpan.FromSeconds(3),
            },
            cluster.Options);
        Assert.Equal(cluster.Options.Advertise, cluster.Listen);
        Assert.Equal("secret", Path.GetFileName(cluster.SecretFile));
        Assert.Equal(["http://10.0.0.9:2379"], cluster.Etcd.Endpoints);
        Assert.Equal((null, null, null, null, null), (cluster.Etcd.User, cluster.Etcd.Password, cluster.Etcd.CaFile, cluster.Etcd.CertificateFile, cluster.Etcd.KeyFile));
    }

    [Fact]
    public void Every_option_reaches_its_place()
    {
        var cluster = Read("""
            "etcd": ["https://a:1", "https://[::1]:2/"], "advertise": "[fd00::1]:3", "listen": "[::]:4", "secretFile": "DIRECTORY/secret", "lease": "00:01:00",
            "user": "u", "passwordFile": "DIRECTORY/secret", "ca": "DIRECTORY/secret", "certificate": "DIRECTORY/test.conf", "key": "DIRECTORY/secret"
            """);
        Assert.Equal(("[fd00::1]:3", "[::]:4"), (cluster.Options.Advertise.ToString(), cluster.Listen.ToString()));
        Assert.Equal(TimeSpan.FromMinutes(1), cluster.Options.Lease);
        Assert.Equal(["https://a:1", "https://[::1]:2/"], cluster.Etcd.Endpoints);
        Assert.Equal(("u", new string('s', 32)), (cluster.Etcd.User, cluster.Etcd.Password));
        Assert.Equal(cluster.SecretFile, cluster.Etcd.CaFile);
        Assert.Equal(("test.conf", cluster.SecretFile), (Path.GetFileName(cluster.Etcd.CertificateFile), cluster.Etcd.KeyFile));
    }

    [Theory]
    [InlineData("00:00:05", 1, 1.5)]
    [InlineData("00:00:10", 2, 3)]
    [InlineData("00:05:00", 2, 90)]
    public void Whatever_the_lease_is_several_signs_of_life_fit_into_it(string lease, double margin, double interval)
    {
        var cluster = Read($"{ConfigurationFile.Cluster}, \"lease\": \"{lease}\"");
        var (options, timeout) = (cluster.Options, cluster.Etcd.Timeout);
        Assert.Equal((TimeSpan.FromSeconds(margin), TimeSpan.FromSeconds(interval)), (options.Margin, options.KeepAliveInterval));
        // One that comes to nothing, and another one.
        Assert.True((2 * options.KeepAliveInterval) + timeout <= options.Lease - options.Margin);
    }

    [Theory]
    [InlineData("\"etcd\": [\"http://10.0.0.9:2379\"]", "\"etcd\": []", "etcd: no URL; allowed: a list of at least one, such as [\"http://10.0.0.9:2379\"]")]
    [InlineData("\"etcd\": [\"http://10.0.0.9:2379\"],", "", "etcd: no URL; allowed: a list of at least one, such as [\"http://10.0.0.9:2379\"]")]
    [InlineData("[\"http://10.0.0.9:2379\"]", "\"http://10.0.0.9:2379\"", "etcd: \"http://10.0.0.9:2379\" is not a list; allowed: a list of texts, [\"a\", \"b\"]")]
    [InlineData("http://10.0.0.9:2379", "10.0.0.9:2379", "etcd: \"10.0.0.9:2379\" is not a URL of etcd; allowed: http://HOST:PORT or https://HOST:PORT")]
    [InlineData("http://10.0.0.9:2379", "http://10.0.0.9:2379/v3", "etcd: \"http://10.0.0.9:2379/v3\" is not a URL of etcd; allowed: http://HOST:PORT or https://HOST:PORT")]
    [InlineData("\"advertise\": \"10.0.0.1:7946\",", "", "advertise: missing; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946")]
    [InlineData("10.0.0.1:7946", "10.0.0.1", "advertise: \"10.0.0.1\" is not an address with a port; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946")]
    [InlineData("10.0.0.1:7946", "10.0.0.1:0", "advertise: \"10.0.0.1:0\" is not an address with a port; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946")]
    [InlineData("10.0.0.1:7946", "fd00::1:7946", "advertise: \"fd00::1:7946\" is not an address with a port; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946")]
    [InlineData("10.0.0.1:7946", "node-2:7946", "advertise: \"node-2:7946\" is not an address with a port; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946")]
    [InlineData("10.0.0.1:7946", "0.0.0.0:7946", "advertise: nobody can reach 0.0.0.0:7946; allowed: the address of this node that the others use, and instancer.cluster.listen if it is to listen on all")]
    [InlineData("10.0.0.1:7946", "[::]:7946", "advertise: nobody can reach [::]:7946; allowed: the address of this node that the others use, and instancer.cluster.listen if it is to listen on all")]
    [InlineData("10.0.0.1:7946", "10.0.0.1:12345", "advertise: 12345 is instancer.challenges.sample.port already; allowed: a port of its own")]
    [InlineData("10.0.0.1:7946", "10.0.0.1:9090", "advertise: 9090 is instancer.admin.port already; allowed: a port of its own")]
    [InlineData("10.0.0.1:7946", "10.0.0.1:20001", "advertise: 20001 is in the range of ports for instances, instancer.ports, 20000 to 29999; allowed: a port outside of it")]
    [InlineData("\"advertise\"", "\"listen\": \"0.0.0.0:9090\", \"advertise\"", "listen: 9090 is instancer.admin.port already; allowed: a port of its own")]
    [InlineData("\"advertise\"", "\"listen\": \"7946\", \"advertise\"", "listen: \"7946\" is not an address with a port; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946")]
    [InlineData("\"advertise\"", "\"lease\": \"00:00:04\", \"advertise\"", "lease: \"00:00:04\" is not a lease; allowed: hh:mm:ss, 00:00:05 to 00:05:00")]
    [InlineData("\"advertise\"", "\"lease\": \"00:05:01\", \"advertise\"", "lease: \"00:05:01\" is not a lease; allowed: hh:mm:ss, 00:00:05 to 00:05:00")]
    [InlineData(", \"secretFile\": \"DIRECTORY/secret\"", "", "secretFile: missing; " + Secret)]
    [InlineData("DIRECTORY/secret", "/no/such/secret", "secretFile: \"/no/such/secret\" is no file; " + Secret)]
    [InlineData("DIRECTORY/secret", "/", "secretFile: \"/\" cannot be read: Access to the path '/' is denied.; " + Secret)]
    [InlineData("\"advertise\"", "\"user\": \"u\", \"advertise\"", "passwordFile: missing; allowed: with instancer.cluster.user it has to be given")]
    [InlineData("\"advertise\"", "\"passwordFile\": \"DIRECTORY/secret\", \"advertise\"", "user: missing; allowed: with instancer.cluster.passwordFile it has to be given")]
    [InlineData("\"advertise\"", "\"ca\": \"DIRECTORY/secret\", \"advertise\"", "ca: of no use without TLS; allowed: with https in instancer.cluster.etcd")]
    [InlineData("http://10.0.0.9:2379\"], \"advertise\"", "https://10.0.0.9:2379\"], \"ca\": \"/no\", \"advertise\"", "ca: \"/no\" is not a file; allowed: the path of a PEM file that is there")]
    [InlineData("http://10.0.0.9:2379\"], \"advertise\"", "https://10.0.0.9:2379\"], \"key\": \"DIRECTORY/secret\", \"advertise\"", "key: there is no certificate that it belongs to; allowed: together with instancer.cluster.certificate")]
    [InlineData("\"advertise\"", "\"leese\": 1, \"advertise\"", "leese: unknown key; did you mean \"lease\"?")]
    public void A_wrong_value_is_shown_with_its_path_and_what_is_allowed(string part, string wrong, string error)
    {
        Assert.Contains(part, ConfigurationFile.Cluster, StringComparison.Ordinal);
        Assert.Equal(
            [$"instancer.cluster.{error}"],
            ConfigurationFile.Errors(ConfigurationFile.WithCluster(ConfigurationFile.Cluster.Replace(part, wrong, StringComparison.Ordinal))));
    }

    [Fact]
    public void All_that_is_wrong_is_told_at_once() => Assert.Equal(
        [
            "instancer.cluster.advertise: missing; allowed: IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946",
            "instancer.cluster.etcd: no URL; allowed: a list of at least one, such as [\"http://10.0.0.9:2379\"]",
            "instancer.cluster.secretFile: missing; " + Secret,
            "instancer.node: missing; allowed: with a cluster a name that no other node of it has",
        ],
        ConfigurationFile.Errors(ConfigurationFile.WithSample("\"cluster\": { },")).Order(StringComparer.Ordinal));

    [Fact]
    public void A_secret_has_to_be_long_and_nobody_else_s()
    {
        using var file = new ConfigurationFile(ConfigurationFile.WithCluster(ConfigurationFile.Cluster));
        var secret = Path.Combine(Path.GetDirectoryName(file.Path)!, "secret");
        File.WriteAllText(secret, $"  {new string('s', 31)}\n");
        Assert.Equal([$"instancer.cluster.secretFile: \"{secret}\" holds 31 characters; {Secret}"], Errors(file));
        File.WriteAllText(secret, new string('s', 4097));
        Assert.Equal([$"instancer.cluster.secretFile: \"{secret}\" is too long; {Secret}"], Errors(file));
        File.WriteAllText(secret, $"  {new string('s', 32)}\n");
        Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationReader.Read(file.Request));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.GroupRead);
            Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationReader.Read(file.Request));
            File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.OtherRead);
            Assert.Equal([$"instancer.cluster.secretFile: \"{secret}\" is open to others (mode 404); {Secret}"], Errors(file));
        }
    }

    [Fact]
    public void Variables_can_name_the_cluster() => Assert.Equal(
        "http://10.0.0.9:2379",
        ConfigurationFile.Loaded(ConfigurationFile.WithCluster(ConfigurationFile.Cluster), request => request with
        {
            Environment = new Dictionary<string, string> { ["INSTANCER__NODE"] = "b", ["INSTANCER__CLUSTER__ETCD__1"] = "http://10.0.0.8:2379" },
            Overrides = ["cluster.advertise=10.0.0.2:7946"],
        }) is { Node.Node: "b", Settings.Cluster: { Options: { Node: "b", Advertise: var advertise }, Etcd.Endpoints: [var first, "http://10.0.0.8:2379"] } }
            && advertise.ToString() == "10.0.0.2:7946" ? first : "");

    [Fact]
    public void The_example_is_valid()
    {
        using var file = new ConfigurationFile(ConfigurationFile.ClusterExample());
        var request = file.Request with { Overrides = [$"cluster.secretFile={Path.GetDirectoryName(file.Path)}/secret"] };
        var configuration = Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationReader.Read(request)).Configuration;
        Assert.Equal(configuration.Node.Node, configuration.Settings.Cluster!.Options.Node);
        Assert.NotEmpty(configuration.Node.Challenges);
    }

    private static ClusterSettings Read(string options) => ConfigurationFile.Loaded(ConfigurationFile.WithCluster(options)).Settings.Cluster!;

    private static IReadOnlyList<string> Errors(ConfigurationFile file) => Assert.IsType<ConfigurationOutcome.Invalid>(ConfigurationReader.Read(file.Request)).Errors;
}
