using Instancer.Actors;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Tests.Configuration;

/// <summary>Challenges of several containers.</summary>
public sealed class ContainersTests
{
    private const string Web = """ "web": { "image": "w", "containerPort": 80 } """;

    private const string OnlyInside = ": is of one container; allowed: in the container's section in instancer.challenges.pwn.containers";

    [Fact]
    public void Every_option_reaches_its_container()
    {
        var challenge = Challenge("""
            "containers": {
              "web": { "image": "w", "containerPort": 80, "memory": "10MiB", "command": ["a"], "env": { "A": "a" } },
              "db": { "image": "d", "cpus": 0.5, "pids": 17, "openFiles": 18, "readOnly": false, "tmpfs": null, "user": "root", "capabilities": ["CHOWN"],
                      "noNewPrivileges": false, "seccomp": "unconfined", "init": false, "containerRuntime": "crun", "memory": "20MiB", "flagVariable": "SECRET" },
              "cache-1": { "image": "c", "memory": "30MiB" }
            },
            "flag": "FLAG{{random}}", "address": "published", "egress": true
            """);
        var web = Assert.IsType<DockerTemplate>(challenge.Template);
        Assert.Equal(("web", "w", 80, DockerAddress.Published, true, "FLAG"), (web.Name, web.Image, web.ContainerPort, web.Address, web.Egress, web.FlagVariable));
        Assert.Equal((10L << 20, 60L << 20), (web.Memory, web.TotalMemory));
        Assert.Equal(("a", "a"), (Assert.Single(web.Command!), web.Environment["A"]));
        Assert.Equal(["cache-1", "db", "web"], web.Containers.Select(one => one.Name));

        var (db, cache) = (web.Companions["db"], web.Companions["cache-1"]);
        Assert.Equal(("d", 0.5, 17L, 20L << 20, "SECRET"), (db.Image, db.Cpus, db.Pids, db.Memory, db.FlagVariable));
        var hardening = new Hardening
        {
            ReadOnly = false, Tmpfs = null, Capabilities = db.Hardening.Capabilities, NoNewPrivileges = false, Seccomp = SeccompProfile.Unconfined,
            OpenFiles = 18, User = "root", Init = false, ContainerRuntime = "crun",
        };
        Assert.Equal(hardening, db.Hardening);
        Assert.Equal(["CHOWN"], db.Hardening.Capabilities);
        Assert.Equal((1.0, 128L, null), (cache.Cpus, cache.Pids, cache.FlagVariable));
        Assert.True(cache.Hardening.ReadOnly);
    }

    [Fact]
    public void One_without_a_limit_of_memory_has_all_of_them_without() =>
        Assert.Null(Challenge("\"containers\": { " + Web + """, "db": { "image": "d", "memory": null } }""").Template.TotalMemory);

    [Fact]
    public void One_alone_is_what_it_is_beside_the_challenges_options()
    {
        var alone = Challenge("\"containers\": { " + Web + " }").Template;
        Assert.Equal(Challenge("""  "image": "w", "containerPort": 80 """).Template.SpecHash, alone.SpecHash);
        Assert.Null(Assert.IsType<DockerTemplate>(alone).Name);
    }

    [Fact]
    public void A_digest_covers_all_of_them()
    {
        string[] others =
        [
            """ "containers": { "web": { "image": "w", "containerPort": 80 } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80 }, "db": { "image": "d" } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80 }, "da": { "image": "d" } } """,
            """ "containers": { "wab": { "image": "w", "containerPort": 80 }, "db": { "image": "d" } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80 }, "db": { "image": "e" } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80 }, "db": { "image": "d", "pids": 5 } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80 }, "db": { "image": "d", "flagVariable": "F" } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80, "flagVariable": "F" }, "db": { "image": "d" } } """,
            """ "containers": { "web": { "image": "w", "containerPort": 80 }, "db": { "image": "d" }, "dc": { "image": "d" } } """,
        ];
        Assert.Equal(others.Length, others.Select(options => Challenge(options).Template.SpecHash).Distinct().Count());
    }

    [Theory]
    [InlineData("", "containers: 0 containers; allowed: 1 to 16")]
    [InlineData(""" "web": { "image": "w" }, "db": { "image": "d" } """, "containers: no container has a containerPort; allowed: exactly one with it, which is the one that sessions reach")]
    [InlineData(
        Web + """, "db": { "image": "d", "containerPort": 5432 } """,
        "containers: db and web have a containerPort; allowed: exactly one with it, which is the one that sessions reach")]
    [InlineData(Web + """, "d_b": { "image": "d" } """, "containers.d_b: \"d_b\" is not a container's name; allowed: 1 to 32 of a-z, 0-9 and '-'")]
    [InlineData(
        Web + """, "abcdefghijklmnopqrstuvwxyz0123456": { "image": "d" } """,
        "containers.abcdefghijklmnopqrstuvwxyz0123456: \"abcdefghijklmnopqrstuvwxyz0123456\" is not a container's name; allowed: 1 to 32 of a-z, 0-9 and '-'")]
    [InlineData(Web + """, "db": { } """, "containers.db.image: missing; allowed: an image's name, such as instancer/sample:latest")]
    [InlineData(Web + """, "db": "d" """, "containers.db: \"d\" is not a section; allowed: an object, { ... }", "containers.db.image: missing; allowed: an image's name, such as instancer/sample:latest")]
    [InlineData(Web + """, "db": { "image": "d", "pids": 0 } """, "containers.db.pids: \"0\" is not a whole number in range; allowed: 1 to 4194304")]
    [InlineData(Web + """, "db": { "image": "d", "imgae": "d" } """, "containers.db.imgae: unknown key; did you mean \"image\"?")]
    [InlineData(Web + """, "db": { "image": "d", "egress": true } """, "containers.db.egress: is the challenge's; allowed: beside containers")]
    [InlineData(
        Web + """, "db": { "image": "d", "containerRuntime": "runsc" } """,
        "containers.db.containerRuntime: runsc gives each container a network stack of its own, and several containers share one; allowed: a runtime on the host's own kernel, such as runc")]
    public void A_wrong_container_is_shown_with_its_path(string containers, params string[] errors) =>
        Assert.Equal(errors.Select(error => "instancer.challenges.pwn." + error), Errors($$""" "containers": { {{containers}} } """));

    [Fact]
    public void There_may_be_sixteen()
    {
        Assert.Equal(16, Assert.IsType<DockerTemplate>(Challenge(Many(15)).Template).Containers.Count());
        Assert.Equal(["instancer.challenges.pwn.containers: 17 containers; allowed: 1 to 16"], Errors(Many(16)));

        static string Many(int companions) =>
            $$""" "containers": { {{Web}}{{string.Concat(Enumerable.Range(0, companions).Select(number => $", \"c{number}\": {{ \"image\": \"c\" }}"))}} } """;
    }

    [Theory]
    [InlineData("\"image\": \"x\"", "image")]
    [InlineData("\"containerPort\": 80", "containerPort")]
    [InlineData("\"memory\": \"10MiB\"", "memory")]
    [InlineData("\"env\": { \"A\": \"a\" }", "env")]
    [InlineData("\"command\": [\"a\"]", "command")]
    [InlineData("\"flagVariable\": \"A\"", "flagVariable")]
    [InlineData("\"flagFile\": null", "flagFile")]
    [InlineData("\"cpus\": 1", "cpus")]
    [InlineData("\"pids\": 1", "pids")]
    [InlineData("\"openFiles\": 20", "openFiles")]
    [InlineData("\"readOnly\": true", "readOnly")]
    [InlineData("\"tmpfs\": null", "tmpfs")]
    [InlineData("\"user\": \"root\"", "user")]
    [InlineData("\"capabilities\": []", "capabilities")]
    [InlineData("\"noNewPrivileges\": true", "noNewPrivileges")]
    [InlineData("\"seccomp\": null", "seccomp")]
    [InlineData("\"init\": true", "init")]
    [InlineData("\"containerRuntime\": null", "containerRuntime")]
    public void What_belongs_to_a_container_is_refused_beside_them(string option, string name) =>
        Assert.Equal([$"instancer.challenges.pwn.{name}{OnlyInside}"], Errors("\"containers\": { " + Web + " }, " + option));

    [Fact]
    public void A_process_has_none() => Assert.Equal(
        ["instancer.challenges.pwn.containers: only for the runtime docker"],
        ConfigurationFile.Errors(ConfigurationFile.WithChallenge(ConfigurationFile.Process + ", \"containers\": { " + Web + " }")));

    [Fact]
    public void A_flag_that_no_container_gets_is_refused()
    {
        var containers = """ "containers": { "web": { "image": "w", "containerPort": 80, "flagVariable": null }, "db": { "image": "d" } } """;
        Assert.Null(Assert.IsType<DockerTemplate>(Challenge(containers).Template).FlagVariable);
        Assert.Equal(
            ["instancer.challenges.pwn.flag: no container has a flagVariable or a flagFile to get it in; allowed: at least one that has, or no flag"],
            Errors(containers + ", \"flag\": \"{random}\""));
        Assert.Equal(
            ["instancer.challenges.pwn.containers.db.flagVariable: F is in env already; allowed: another name"],
            Errors("\"containers\": { " + Web + """, "db": { "image": "d", "flagVariable": "F", "env": { "F": "f" } } }, "flag": "{random}" """));
    }

    private static string File(string options) => ConfigurationFile.WithChallenge($"\"port\": 12346, \"runtime\": \"docker\", {options}");

    private static Challenge Challenge(string options) => Assert.Single(ConfigurationFile.Loaded(File(options)).Node.Challenges);

    private static IReadOnlyList<string> Errors(string options) => ConfigurationFile.Errors(File(options));
}
