using Instancer.Gateway.Tests.Net.Tls;

namespace Instancer.Gateway.Tests.Configuration;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("\"node\": \"-x\",", "instancer.node: \"-x\" is not a node's name; allowed: 1 to 64 letters, digits, '.', '_' and '-', a letter or digit first")]
    [InlineData("\"stateDirectory\": \"\",", "instancer.stateDirectory: \"\" is not a path; allowed: a path, not empty")]
    [InlineData("\"gateway\": { \"listen\": \"1\" },", "instancer.gateway.listen: \"1\" is not an IP address; allowed: an address to bind, such as 127.0.0.1, 0.0.0.0 or ::")]
    [InlineData("\"gateway\": { \"preambleTimeout\": \"10\" },", "instancer.gateway.preambleTimeout: \"10\" is not a duration; allowed: hh:mm:ss, more than zero and at most 1000:00:00")]
    [InlineData("\"gateway\": { \"preambleTimeout\": \"00:00:00\" },", "instancer.gateway.preambleTimeout: \"00:00:00\" is not a duration; allowed: hh:mm:ss, more than zero and at most 1000:00:00")]
    [InlineData("\"gateway\": { \"drainTimeout\": \"-00:00:10\" },", "instancer.gateway.drainTimeout: \"-00:00:10\" is not a duration; allowed: hh:mm:ss, more than zero and at most 1000:00:00")]
    [InlineData("\"gateway\": { \"maxConnections\": 0 },", "instancer.gateway.maxConnections: \"0\" is not a whole number in range; allowed: 1 to 1000000")]
    [InlineData("\"gateway\": 5,", "instancer.gateway: \"5\" is not a section; allowed: an object, { ... }")]
    [InlineData("\"gateway\": { \"listen\": { \"a\": 1 } },", "instancer.gateway.listen: a section is not an IP address; allowed: an address to bind, such as 127.0.0.1, 0.0.0.0 or ::")]
    [InlineData("\"ports\": { \"first\": 30000, \"last\": 20000 },", "instancer.ports.last: 20000 is below instancer.ports.first, 30000; allowed: first to 65535")]
    [InlineData("\"ports\": { \"first\": 0 },", "instancer.ports.first: \"0\" is not a port; allowed: 1 to 65535")]
    [InlineData("\"ports\": { \"first\": 12000, \"last\": 13000 },", "instancer.challenges.sample.port: 12345 is in the range of ports for instances, instancer.ports, 12000 to 13000; allowed: a port outside of it")]
    [InlineData("\"admin\": { \"port\": 20001 },", "instancer.admin.port: 20001 is in the range of ports for instances, instancer.ports, 20000 to 29999; allowed: a port outside of it")]
    [InlineData("\"admin\": { \"port\": 12345 },", "instancer.admin.port: 12345 is instancer.challenges.sample.port already; allowed: a port of its own")]
    [InlineData("\"reaper\": { \"order\": \"newest\" },", "instancer.reaper.order: \"newest\" is not an order; allowed: oldest-idle-first, oldest")]
    [InlineData("\"reaper\": { \"interval\": \"00:60:00\" },", "instancer.reaper.interval: \"00:60:00\" is not a duration; allowed: hh:mm:ss, more than zero and at most 1000:00:00")]
    [InlineData("\"reaper\": { \"memoryBudget\": \"101%\" },", "instancer.reaper.memoryBudget: \"101%\" is not a size; allowed: a number with KiB, MiB or GiB, or N% of the host's memory")]
    [InlineData("\"reaper\": { \"minAvailableMemory\": \"10%\", \"enoughAvailableMemory\": \"1KiB\" },", "instancer.reaper.enoughAvailableMemory: 1024 bytes is below instancer.reaper.minAvailableMemory, 1073741824 bytes; allowed: at least as much")]
    [InlineData("\"startQueue\": { \"concurrentStarts\": \"many\" },", "instancer.startQueue.concurrentStarts: \"many\" is not a whole number in range; allowed: 1 to 1024")]
    public void A_wrong_value_is_shown_with_its_path_and_what_is_allowed(string options, string error) =>
        Assert.Equal([error], ConfigurationFile.Errors(ConfigurationFile.WithSample(options)));

    [Theory]
    [InlineData("\"stateDirectroy\": \"x\",", "instancer.stateDirectroy: unknown key; did you mean \"stateDirectory\"?")]
    [InlineData("\"gateway\": { \"Listne\": \"::\" },", "instancer.gateway.Listne: unknown key; did you mean \"listen\"?")]
    [InlineData("\"startqeue\": { \"length\": 1 },", "instancer.startqeue: unknown key; did you mean \"startQueue\"?")]
    [InlineData("\"ports\": { \"bananas\": 1 },", "instancer.ports.bananas: unknown key; known here: first, last")]
    public void An_unknown_key_is_refused_by_name_with_the_nearest_one(string options, string error) =>
        Assert.Equal([error], ConfigurationFile.Errors(ConfigurationFile.WithSample(options)));

    [Fact]
    public void An_unknown_section_beside_instancer_is_refused() => Assert.Equal(
        ["instanzer: unknown key; did you mean \"instancer\"?", "instancer.challenges: no challenge; allowed: at least one"],
        ConfigurationFile.Errors("""{ "instanzer": { "node": "x" } }""").Order(StringComparer.Ordinal).Reverse());

    [Theory]
    [InlineData(ConfigurationFile.Docker + ", \"memory\": \"64MB\"", "memory: \"64MB\" is not a size; allowed: a number with KiB, MiB or GiB, or N% of the host's memory, at least 6MiB (the engine's own minimum)")]
    [InlineData(ConfigurationFile.Docker + ", \"memory\": \"5MiB\"", "memory: \"5MiB\" is not a size; allowed: a number with KiB, MiB or GiB, or N% of the host's memory, at least 6MiB (the engine's own minimum)")]
    [InlineData(ConfigurationFile.Docker + ", \"cpus\": 0", "cpus: \"0\" is not a number of CPUs; allowed: 0.01 to 1024, such as 0.5")]
    [InlineData(ConfigurationFile.Docker + ", \"pids\": -1", "pids: \"-1\" is not a whole number in range; allowed: 1 to 4194304")]
    [InlineData(ConfigurationFile.Docker + ", \"readOnly\": \"no\"", "readOnly: \"no\" is not yes or no; allowed: true, false")]
    [InlineData(ConfigurationFile.Docker + ", \"tmpfs\": \"0KiB\"", "tmpfs: \"0KiB\" is not a size; allowed: a number with KiB, MiB or GiB, or N% of the host's memory, at least 4KiB (null for none)")]
    [InlineData(ConfigurationFile.Docker + ", \"openFiles\": 1", "openFiles: \"1\" is not a whole number in range; allowed: 16 to 1048576")]
    [InlineData(ConfigurationFile.Docker + ", \"user\": \"a b\"", "user: \"a b\" is not a user; allowed: NAME or UID, with :GROUP or :GID if wanted, such as 1000:1000")]
    [InlineData(ConfigurationFile.Docker + ", \"user\": \"-1\"", "user: \"-1\" is not a user; allowed: NAME or UID, with :GROUP or :GID if wanted, such as 1000:1000")]
    [InlineData(ConfigurationFile.Docker + ", \"user\": \"root\", \"capabilities\": [\"CAP_NET_RAW\"]", "capabilities: \"CAP_NET_RAW\" is not a capability; allowed: the kernel's names without CAP_, such as NET_RAW")]
    [InlineData(ConfigurationFile.Docker + ", \"user\": \"root\", \"capabilities\": \"NET_RAW\"", "capabilities: \"NET_RAW\" is not a list; allowed: a list of texts, [\"a\", \"b\"]")]
    [InlineData(ConfigurationFile.Docker + ", \"capabilities\": [\"NET_RAW\"]", "capabilities: of no use to a user that is not root and can never become it; allowed: with \"user\": \"root\", or with \"noNewPrivileges\": false")]
    [InlineData(ConfigurationFile.Docker + ", \"containerRuntime\": \"a b\"", "containerRuntime: \"a b\" is not a container runtime; allowed: a name that the engine is configured with, such as runsc")]
    [InlineData(ConfigurationFile.Docker + ", \"seccomp\": \"/no/such/profile\"", "seccomp: \"/no/such/profile\" is no file; allowed: the path of a seccomp profile in JSON, unconfined")]
    [InlineData(ConfigurationFile.Docker + ", \"seccomp\": \"/\"", "seccomp: \"/\" cannot be read: Access to the path '/' is denied.; allowed: the path of a seccomp profile in JSON, unconfined")]
    [InlineData(ConfigurationFile.Process + ", \"readOnly\": true", "readOnly: only for the runtime docker")]
    [InlineData(ConfigurationFile.Process + ", \"egress\": true", "egress: only for the runtime docker")]
    [InlineData(ConfigurationFile.Docker + ", \"egress\": \"host\"", "egress: \"host\" is not yes or no; allowed: true, false")]
    [InlineData(ConfigurationFile.Docker + ", \"address\": \"host\"", "address: \"host\" is not an address; allowed: auto, namespace, bridge, published")]
    [InlineData(ConfigurationFile.Docker + ", \"workingDirectory\": \"/\"", "workingDirectory: only for the runtime process")]
    [InlineData("\"port\": 1, \"runtime\": \"docker\", \"image\": \"x\"", "containerPort: missing; allowed: 1 to 65535")]
    [InlineData("\"port\": 1, \"runtime\": \"docker\", \"containerPort\": 1", "image: missing; allowed: an image's name, such as instancer/sample:latest")]
    [InlineData("\"port\": 1, \"runtime\": \"docker\", \"containerPort\": 1, \"image\": \"a b\"", "image: \"a b\" is not an image; allowed: an image's name, such as instancer/sample:latest")]
    [InlineData("\"port\": 1, \"runtime\": \"process\"", "command: missing; allowed: a list of at least one text, [\"a\", \"b\"]")]
    [InlineData("\"port\": 1, \"runtime\": \"process\", \"command\": []", "command: empty; allowed: a list of at least one text, [\"a\", \"b\"]")]
    [InlineData("\"port\": 1, \"runtime\": \"process\", \"command\": [\"\"]", "command: the first word is empty; allowed: a list of at least one text, [\"a\", \"b\"]")]
    [InlineData("\"port\": 1, \"runtime\": \"process\", \"command\": \"sh -c x\"", "command: \"sh -c x\" is not a list; allowed: a list of texts, [\"a\", \"b\"]")]
    [InlineData("\"port\": 1, \"runtime\": \"process\", \"command\": { \"a\": \"b\" }", "command: a section is not a list; allowed: a list of texts, [\"a\", \"b\"]")]
    [InlineData(ConfigurationFile.Process + ", \"image\": \"x\"", "image: only for the runtime docker")]
    [InlineData(ConfigurationFile.Process + ", \"flag\": \"FLAG\"", "flag: \"FLAG\" would be the same for many clients, or easy to guess; allowed: with {random}, {random:N} or {hmac} in it")]
    [InlineData(ConfigurationFile.Process + ", \"flag\": \"{random:9}\"", "flag: \"{random:9}\" has a {random:N} out of range; allowed: N from 16 to 128")]
    [InlineData(ConfigurationFile.Process + ", \"flag\": \"{random}\", \"flagVariable\": \"1\"", "flagVariable: \"1\" is not a variable's name; allowed: letters, digits and '_', no digit in front")]
    [InlineData(ConfigurationFile.Process + ", \"flag\": \"{random}\", \"env\": { \"FLAG\": \"x\" }", "flagVariable: FLAG is in env already; allowed: another name")]
    [InlineData(ConfigurationFile.Docker + ", \"flagFile\": \"/flag.txt\"", "flagFile: the challenge has no flag to put there; allowed: together with flag")]
    [InlineData(ConfigurationFile.Docker + ", \"flag\": \"{random}\", \"flagFile\": \"flag.txt\"", "flagFile: \"flag.txt\" is not a file's path; allowed: an absolute path in the container, such as /flag.txt, not in /proc, /sys or /dev")]
    [InlineData(ConfigurationFile.Docker + ", \"flag\": \"{random}\", \"flagFile\": \"/a/../flag.txt\"", "flagFile: \"/a/../flag.txt\" is not a file's path; allowed: an absolute path in the container, such as /flag.txt, not in /proc, /sys or /dev")]
    [InlineData(ConfigurationFile.Docker + ", \"flag\": \"{random}\", \"flagFile\": \"/flags/\"", "flagFile: \"/flags/\" is not a file's path; allowed: an absolute path in the container, such as /flag.txt, not in /proc, /sys or /dev")]
    [InlineData(ConfigurationFile.Docker + ", \"flag\": \"{random}\", \"flagFile\": \"/proc/flag\"", "flagFile: \"/proc/flag\" is not a file's path; allowed: an absolute path in the container, such as /flag.txt, not in /proc, /sys or /dev")]
    [InlineData(ConfigurationFile.Process + ", \"flag\": \"{random}\", \"flagFile\": \"/flag.txt\"", "flagFile: only for the runtime docker")]
    [InlineData(ConfigurationFile.Process + ", \"containerPort\": 80", "containerPort: only for the runtime docker")]
    [InlineData(ConfigurationFile.Process + ", \"pids\": 80", "pids: only for the runtime docker")]
    [InlineData(ConfigurationFile.Process + ", \"env\": [\"A=b\"]", "env.0: \"0\" is not a variable's name; allowed: letters, digits and '_', no digit in front")]
    [InlineData(ConfigurationFile.Process + ", \"env\": { \"A\": { \"b\": 1 } }", "env.A: a section is not a text; allowed: a text")]
    [InlineData(ConfigurationFile.Process + ", \"scope\": \"token\"", "scope: \"token\" is not a scope; allowed: identifier, connection")]
    [InlineData(ConfigurationFile.Process + ", \"warm\": 101", "warm: 101 is more than maxInstances, which counts spares too; allowed: 0 to 100")]
    [InlineData(
        ConfigurationFile.Process + ", \"warm\": 1, \"flag\": \"{hmac}\"",
        "warm: a spare's flag is made before its client is known; allowed: a flag without {name} and {hmac}, or 0")]
    [InlineData(ConfigurationFile.Process + ", \"maxInstances\": 0", "maxInstances: \"0\" is not a whole number in range; allowed: 1 to 1000000")]
    [InlineData(ConfigurationFile.Process + ", \"ttl\": \"1001:00:00\"", "ttl: \"1001:00:00\" is not a duration; allowed: hh:mm:ss, more than zero and at most 1000:00:00")]
    [InlineData(ConfigurationFile.Process + ", \"idletimout\": \"00:00:01\"", "idletimout: unknown key; did you mean \"idleTimeout\"?")]
    [InlineData("\"runtime\": \"process\", \"command\": [\"x\"]", "port: missing; allowed: 0 to 65535; 0 lets the system choose")]
    [InlineData("\"port\": 65536, \"runtime\": \"process\", \"command\": [\"x\"]", "port: \"65536\" is not a port; allowed: 0 to 65535; 0 lets the system choose")]
    [InlineData("\"port\": 1, \"command\": [\"x\"]", "runtime: missing; allowed: docker, process")]
    [InlineData("\"port\": 1, \"runtime\": \"podman\", \"image\": \"x\"", "runtime: \"podman\" is not a runtime; allowed: docker, process")]
    public void A_wrong_option_of_a_challenge_is_shown_with_its_path(string options, string error) => Assert.Equal(
        ["instancer.challenges.pwn." + error], ConfigurationFile.Errors(ConfigurationFile.WithChallenge(options)));

    [Theory]
    [InlineData("Pwn")]
    [InlineData("a_b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456")]
    public void A_challenge_has_a_short_plain_name(string name)
    {
        var errors = ConfigurationFile.Errors($$"""{ "instancer": { "challenges": { "{{name}}": { {{ConfigurationFile.Process}} } } } }""");
        Assert.Equal([$"instancer.challenges.{name}: \"{name}\" is not a challenge's name; allowed: 1 to 32 of a-z, 0-9 and '-'"], errors);
    }

    [Fact]
    public void Two_challenges_on_one_port_are_refused()
    {
        var errors = ConfigurationFile.Errors($$"""
            { "instancer": { "challenges": { "a": { {{ConfigurationFile.Process}} }, "b": { {{ConfigurationFile.Process}} } } } }
            """);
        Assert.Equal(["instancer.challenges.b.port: 12345 is instancer.challenges.a.port already; allowed: a port of its own"], errors);
    }

    [Fact]
    public async Task Challenges_on_one_port_believe_the_same_proxies()
    {
        await using var files = new CertificateFiles();
        string Challenge(string name, string proxies) => $$"""
            "{{name}}": { {{ConfigurationFile.Process}}, "proxies": [{{proxies}}],
              "tls": { "certificate": "{{files.CertificatePath}}", "key": "{{files.KeyPath}}", "names": ["{{name}}.example"] } }
            """;
        string File(string proxiesOfA, string proxiesOfB) => $$"""{ "instancer": { "challenges": { {{Challenge("a", proxiesOfA)}}, {{Challenge("b", proxiesOfB)}} } } }""";

        Assert.Equal(
            ["instancer.challenges.b.proxies: not those of a, on the same port; allowed: the same"],
            ConfigurationFile.Errors(File("\"192.0.2.1\"", "\"192.0.2.1\", \"10.0.0.0/8\"")));
        ConfigurationFile.Loaded(File("\"10.0.0.0/8\", \"192.0.2.1\"", "\"192.0.2.1\", \"10.0.0.0/8\""));
    }

    [Fact]
    public void All_errors_are_reported_at_once()
    {
        var errors = ConfigurationFile.Errors("""
            {
              "instancer": {
                "nod": "x",
                "gateway": { "maxConnections": "x" },
                "ports": { "first": 2, "last": 1 },
                "challenges": { "pwn": { "port": "x", "runtime": "docker", "imgae": "y" } }
              }
            }
            """);
        Assert.Equal(
            [
                "instancer.challenges.pwn.containerPort", "instancer.challenges.pwn.image", "instancer.challenges.pwn.imgae",
                "instancer.challenges.pwn.port", "instancer.gateway.maxConnections", "instancer.nod", "instancer.ports.last",
            ],
            errors.Select(error => error[..error.IndexOf(':', StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_value_cannot_break_the_line_it_is_reported_on()
    {
        var error = Assert.Single(ConfigurationFile.Errors(ConfigurationFile.WithSample("\"node\": \"a\\nb\\u001b[2J\",")));
        Assert.StartsWith("instancer.node: \"a\\u000ab\\u001b[2J\" is not", error, StringComparison.Ordinal);
    }
}
