using Instancer.Actors;
using Instancer.Containers.Docker;
using Instancer.Gateway.Commands;

namespace Instancer.Gateway.Tests.Commands;

public sealed class IsolationTextTests
{
    private static readonly DockerTemplate Template = new() { Image = "i", ContainerPort = 1 };

    [Fact]
    public void The_defaults_in_one_line()
    {
        Assert.Equal(
            "read-only root, /tmp 16 MiB, no capabilities, no new privileges, default seccomp, user 65534:65534 unless the image names one that is "
            + "not root, 1024 open files, memory 256 MiB, cpus 1, 128 processes, no egress, init, default container runtime",
            IsolationText.Of(Template, Template.Egress));
        Assert.Empty(IsolationText.WarningsOf(Template));
    }

    [Fact]
    public void What_is_relaxed_is_shown_as_that()
    {
        var hardening = new Hardening
        {
            ReadOnly = false, Tmpfs = null, Capabilities = ["CHOWN", "NET_RAW"], NoNewPrivileges = false, Seccomp = SeccompProfile.Unconfined,
            OpenFiles = null, User = "root", Init = false, ContainerRuntime = "runsc",
        };
        var template = Template with { Memory = null, Cpus = null, Pids = null, Egress = true, Hardening = hardening };
        Assert.Equal(
            "writable root, no /tmp of its own, capabilities CHOWN NET_RAW, new privileges allowed, no seccomp, user root, open files as the engine "
            + "has it, memory unlimited, cpus unlimited, processes unlimited, egress, no init, container runtime runsc",
            IsolationText.Of(template, template.Egress));
        Assert.Equal(["seccomp \"unconfined\" lets a client make every system call of the host's kernel"], IsolationText.WarningsOf(template));
    }

    [Fact]
    public void Sizes_and_a_profile_by_its_name()
    {
        var template = Template with { Cpus = 0.5, Hardening = new() { Tmpfs = 100 << 10, Seccomp = new("profile.json", "{}") } };
        Assert.Contains("/tmp 100 KiB, no capabilities, no new privileges, seccomp profile.json, ", IsolationText.Of(template, template.Egress), StringComparison.Ordinal);
        Assert.Contains(", cpus 0.5, ", IsolationText.Of(template, template.Egress), StringComparison.Ordinal);
    }

    [Fact]
    public void A_container_runtime_that_the_engine_does_not_name_is_warned_of()
    {
        string?[] runtimes = [null, "runc", "runsc"];
        var challenges = runtimes.Select(name => new Challenge
        {
            Name = name ?? "default", Port = 1, Runtime = "docker", Template = Template with { Hardening = new() { ContainerRuntime = name } },
        }).ToList();
        var silent = new DockerProbe.Usable("unix:///s", "1", "1.41", DockerAddress.Bridge, "");
        Assert.Empty(IsolationText.WarningsOf(challenges, silent));
        Assert.Equal(
            ["challenge runsc: the container engine is not configured with the container runtime runsc, but with kata, runc"],
            IsolationText.WarningsOf(challenges, silent with { ContainerRuntimes = ["kata", "runc"] }));
    }
}
