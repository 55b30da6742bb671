using System.Net;
using Instancer.Actors;
using Instancer.Containers.Docker;
using Instancer.Containers.Process;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Tests.Configuration;

public sealed class LayersTests
{
    private static readonly string Repository = RepositoryRoot.Path;

    [Fact]
    public void Environment_goes_before_the_file_and_the_command_line_before_both()
    {
        var configuration = ConfigurationFile.Loaded(
            ConfigurationFile.WithSample("\"node\": \"file\", \"gateway\": { \"listen\": \"127.0.0.2\", \"maxConnections\": 7 },"),
            request => request with
            {
                Environment = new Dictionary<string, string>
                {
                    ["INSTANCER__NODE"] = "environment",
                    ["INSTANCER__GATEWAY__LISTEN"] = "127.0.0.3",
                    ["INSTANCER__CHALLENGES__SAMPLE__MAXINSTANCES"] = "3",
                    ["INSTANCER_NODE"] = "not one of ours",
                },
                Overrides = ["node=command", "instancer.challenges.sample.ttl=00:00:09"],
            });
        Assert.Equal("command", configuration.Node.Node);
        Assert.Equal("127.0.0.3", configuration.Node.Gateway.Listen);
        Assert.Equal(7, configuration.Node.Gateway.MaxConnections);
        var challenge = Assert.Single(configuration.Node.Challenges);
        Assert.Equal(("sample", 3, TimeSpan.FromSeconds(9)), (challenge.Name, challenge.MaxInstances, challenge.Ttl));
    }

    [Fact]
    public void An_unknown_variable_or_override_is_refused_like_an_unknown_key()
    {
        var errors = ConfigurationFile.Errors(ConfigurationFile.WithSample(""), request => request with
        {
            Environment = new Dictionary<string, string> { ["INSTANCER__GATEWAY__LISTN"] = "::" },
            Overrides = ["reaper.intervall=00:00:01"],
        });
        Assert.Equal(
            [
                "instancer.gateway.LISTN: unknown key; did you mean \"listen\"?",
                "instancer.reaper.intervall: unknown key; did you mean \"interval\"?",
            ],
            errors);
    }

    [Fact]
    public void An_override_without_a_value_is_refused() => Assert.Equal(
        ["--set \"gateway.listen\": not of the form PATH=VALUE, such as gateway.listen=0.0.0.0"],
        ConfigurationFile.Errors(ConfigurationFile.WithSample(""), request => request with { Overrides = ["gateway.listen"] }));

    [Fact]
    public void The_documented_example_says_what_the_embedded_default_says()
    {
        var example = Load(Repository, file: null);
        using var empty = new ConfigurationFile("");
        var embedded = Load(Path.GetDirectoryName(empty.Path)!, file: null);
        Assert.Equal(ConfigurationSources.DefaultFile, example.Source);
        Assert.Equal("embedded default", embedded.Source);
        Assert.Equal(embedded.Settings, example.Settings);
        Assert.Equal(embedded.Node.Challenges.Select(Comparable), example.Node.Challenges.Select(Comparable));
        Assert.Equal(embedded.Node with { Challenges = [] }, example.Node with { Challenges = [] });
        Assert.Equal(embedded.Gate.Challenges, example.Gate.Challenges);
        Assert.Equal(embedded.Gate with { Challenges = example.Gate.Challenges }, example.Gate);
    }

    // Lists are compared by what is in them, which records do not do.
    private static object Comparable(Challenge challenge) =>
        (challenge with { Template = TemplateReader.None }, challenge.Template.SpecHash, challenge.Template.Memory);

    [Fact]
    public void The_container_challenge_in_the_example_s_comments_is_valid()
    {
        var configuration = ConfigurationFile.Loaded(ConfigurationFile.WholeExample());
        var template = Assert.IsType<DockerTemplate>(configuration.Node.Challenges.Single(challenge => challenge.Name == "pwn").Template);
        Assert.Equal(("instancer/sample", 1337, 64L << 20), (template.Image, template.ContainerPort, template.Memory));
        Assert.Null(template.Command);
    }

    [Fact]
    public void Every_option_reaches_its_place()
    {
        var configuration = ConfigurationFile.Loaded($$"""
            { "instancer": {
              "node": "n2", "stateDirectory": "s", "tokensFile": "t",
              "gateway": { "listen": "::1", "preambleTimeout": "00:00:01.5", "maxConnections": 2, "drainTimeout": "00:00:03" },
              "ports": { "first": 4, "last": 5 },
              "reaper": { "interval": "00:00:06", "order": "oldest", "minAvailableMemory": "1GiB", "enoughAvailableMemory": "20%", "memoryBudget": "1.5GiB" },
              "startQueue": { "concurrentStarts": 7, "length": 8, "timeout": "00:00:09" },
              "admin": { "listen": "0.0.0.0", "port": 10, "tokenFile": "a" },
              "challenges": {
                "p": { "port": 11, "scope": "connection", "runtime": "process", "command": ["c", "d"], "env": { "A": "", "B": "b" }, "workingDirectory": "/w",
                       "memory": "1KiB", "ttl": "30:00:00", "idleTimeout": "00:13:00", "startTimeout": "00:00:14", "maxInstances": 15, "warm": 3 },
                "d": { "port": 16, "runtime": "docker", "image": "i", "containerPort": 17, "address": "published", "egress": true, "memory": "64MiB", "cpus": 0.5, "pids": 64,
                       "env": { "C": "c" }, "command": ["e"],
                       "readOnly": false, "tmpfs": "1MiB", "capabilities": ["NET_RAW", "CHOWN", "NET_RAW"], "noNewPrivileges": false, "seccomp": "unconfined",
                       "openFiles": 65, "user": "root", "init": false, "containerRuntime": "runsc" }
              } } }
            """);
        var (node, settings) = (configuration.Node, configuration.Settings);
        Assert.Equal("n2", node.Node);
        Assert.Equal(new GatewayOptions { Listen = "::1", PreambleTimeout = TimeSpan.FromSeconds(1.5), MaxConnections = 2, DrainTimeout = TimeSpan.FromSeconds(3) }, node.Gateway);
        Assert.Equal(new PortRange(4, 5), node.Ports);
        Assert.Equal(
            new ReaperOptions { Interval = TimeSpan.FromSeconds(6), Order = ReapOrder.Oldest, MinAvailableMemory = 1L << 30, EnoughAvailableMemory = 2L << 30, MemoryBudget = 3L << 29 },
            node.Reaper);
        Assert.Equal(new StartQueueOptions { ConcurrentStarts = 7, Length = 8, Timeout = TimeSpan.FromSeconds(9) }, node.StartQueue);
        Assert.Equal(new OperatorSettings { StateDirectory = "s", TokensFile = "t", Admin = new AdminSettings(IPAddress.Any, 10, "a") }, settings);

        var process = node.Challenges.Single(challenge => challenge.Name == "p");
        var command = Assert.IsType<ProcessTemplate>(process.Template);
        Assert.Equal(
            (11, ChallengeScope.Connection, "process", 15, 3), (process.Port, process.Scope, process.Runtime, process.MaxInstances, process.Warm));
        Assert.Equal((TimeSpan.FromHours(30), TimeSpan.FromMinutes(13), TimeSpan.FromSeconds(14)), (process.Ttl, process.IdleTimeout, process.StartTimeout));
        Assert.Equal(["c", "d"], command.Command);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "", ["B"] = "b" }, command.Environment);
        Assert.Equal(("/w", 1024L), (command.WorkingDirectory, command.Memory));

        var container = Assert.IsType<DockerTemplate>(node.Challenges.Single(challenge => challenge.Name == "d").Template);
        Assert.Equal(("i", 17, DockerAddress.Published, 64L << 20, 0.5, 64), (container.Image, container.ContainerPort, container.Address, container.Memory, container.Cpus, container.Pids));
        Assert.True(container.Egress);
        Assert.Equal(["e"], container.Command!);
        Assert.Equal(new Dictionary<string, string> { ["C"] = "c" }, container.Environment);
        Assert.Equal(["CHOWN", "NET_RAW"], container.Hardening.Capabilities);
        var hardening = new Hardening
        {
            ReadOnly = false, Tmpfs = 1 << 20, Capabilities = container.Hardening.Capabilities, NoNewPrivileges = false, Seccomp = SeccompProfile.Unconfined,
            OpenFiles = 65, User = "root", Init = false, ContainerRuntime = "runsc",
        };
        Assert.Equal(hardening, container.Hardening);
    }

    [Fact]
    public void Limits_can_be_done_without()
    {
        var without = Template("\"memory\": null, \"cpus\": null, \"pids\": null, \"openFiles\": null, \"tmpfs\": null");
        Assert.Equal((null, null, null, null, null), (without.Memory, without.Cpus, without.Pids, without.Hardening.OpenFiles, without.Hardening.Tmpfs));
        var limited = Template("\"env\": { }");
        Assert.False(limited.Egress);
        Assert.Equal(
            (256L << 20, 1.0, 128L, 1024, 16L << 20), (limited.Memory, limited.Cpus, limited.Pids, limited.Hardening.OpenFiles, limited.Hardening.Tmpfs));
    }

    private static DockerTemplate Template(string options) => Assert.IsType<DockerTemplate>(
        Assert.Single(ConfigurationFile.Loaded(ConfigurationFile.WithChallenge($"{ConfigurationFile.Docker}, {options}")).Node.Challenges).Template);

    [Theory]
    [InlineData("\"admin\": null,", null)]
    [InlineData("\"admin\": { \"port\": null },", null)]
    [InlineData("\"admin\": { },", 9090)]
    [InlineData("", 9090)]
    [InlineData("\"admin\": { \"port\": 0 },", 0)]
    public void The_admin_endpoint_can_be_done_without(string options, int? port) =>
        Assert.Equal(port, ConfigurationFile.Loaded(ConfigurationFile.WithSample(options)).Settings.Admin?.Port);

    [Fact]
    public void A_variable_can_bring_the_admin_endpoint_back() => Assert.Equal(
        9191,
        ConfigurationFile.Loaded(ConfigurationFile.WithSample("\"admin\": null,"), request => request with
        {
            Environment = new Dictionary<string, string> { ["INSTANCER__ADMIN__PORT"] = "9191" },
        }).Settings.Admin?.Port);

    private static NodeConfiguration Load(string directory, string? file) =>
        Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationReader.Read(new ConfigurationRequest
        {
            File = file,
            WorkingDirectory = directory,
            Environment = new Dictionary<string, string>(),
            HostMemory = ConfigurationFile.HostMemory,
        })).Configuration;
}
