using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>What a container may do, tried out by a shell inside of it, which is the server of these tests.</summary>
public abstract class HardeningTests(EngineFixture fixture) : EngineTest(fixture)
{
    private static readonly string[] ShellServer = ["/bin/nc", "-ll", "-p", "1337", "-e", "/bin/sh"];

    [EngineFact]
    public async Task By_default_a_process_has_no_rights_and_cannot_get_any()
    {
        var inside = await InsideAsync(
            new Hardening(),
            "busybox id -u; busybox id -g; ulimit -n; busybox grep -E 'Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp:|Groups' /proc/self/status; /setuid/su -c true");
        Assert.Equal(
            [
                "65534", "65534", "1024", "Groups: 65534",
                "CapInh: 0000000000000000", "CapPrm: 0000000000000000", "CapEff: 0000000000000000", "CapBnd: 0000000000000000", "CapAmb: 0000000000000000",
                "NoNewPrivs: 1", "Seccomp: 2", "su: must be suid to work properly",
            ],
            Lines(inside));
    }

    [EngineFact]
    public async Task With_new_privileges_allowed_a_setuid_program_is_root()
    {
        var inside = await InsideAsync(new Hardening { NoNewPrivileges = false }, $"busybox grep NoNewPrivs /proc/self/status; {TestImages.SetUid} -c true");
        Assert.StartsWith("NoNewPrivs: 0", Lines(inside)[0], StringComparison.Ordinal);
        Assert.DoesNotContain("must be suid", inside, StringComparison.Ordinal);
        Assert.Contains("su: ", inside, StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task Of_the_files_only_those_in_tmp_can_be_written_and_none_of_them_executed()
    {
        var inside = await InsideAsync(
            new Hardening { User = "root" },
            "echo x >/x; echo x >/bin/x; echo hello >/tmp/x && cat /tmp/x; busybox cp /bin/busybox /tmp/sh && /tmp/sh; busybox grep ' /tmp ' /proc/mounts");
        var lines = Lines(inside);
        Assert.EndsWith("can't create /x: Read-only file system", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("can't create /bin/x: Read-only file system", lines[1], StringComparison.Ordinal);
        Assert.Equal("hello", lines[2]);
        Assert.EndsWith("/tmp/sh: Permission denied", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("tmpfs /tmp tmpfs rw,nosuid,nodev,noexec,relatime,size=16384k", lines[4], StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task Tmp_is_full_when_it_is_full_and_the_hosts_disk_has_none_of_it()
    {
        var (key, backend) = await ShellAsync(Template() with { Memory = 64 << 20 });
        var inside = await LineClient.RunAsync(backend.Address, "busybox dd if=/dev/zero of=/tmp/x bs=1M count=40; busybox wc -c /tmp/x");
        Assert.Contains("No space left on device", inside, StringComparison.Ordinal);
        Assert.EndsWith($"{16 << 20} /tmp/x", inside, StringComparison.Ordinal);
        var container = await Engine.SendAsync(HttpMethod.Get, $"containers/{backend.Id}/json?size=true");
        // Podman counts the names of what it mounts under /etc.
        Assert.InRange((long)container!["SizeRw"]!, 0, OnPodman ? 1024 : 0);
        // The next session finds a server that still serves.
        Assert.Equal("1", await LineClient.RunAsync(backend.Address, "echo 1"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Each_default_can_be_relaxed()
    {
        var relaxed = new Hardening
        {
            ReadOnly = false,
            Tmpfs = null,
            Capabilities = ["NET_RAW"],
            Seccomp = SeccompProfile.Unconfined,
            OpenFiles = 64,
            User = "root",
            Init = false,
            ContainerRuntime = "runc",
        };
        var inside = await InsideAsync(
            relaxed,
            "busybox id -u; ulimit -n; busybox grep -E 'CapEff|CapBnd|Seccomp:' /proc/self/status; echo written >/bin/x; cat /bin/x; busybox grep -c ' /tmp ' /proc/mounts; cat /proc/1/comm");
        Assert.Equal(["0", "64", "CapEff: 0000000000002000", "CapBnd: 0000000000002000", "Seccomp: 0", "written", "0", "nc"], Lines(inside));
    }

    [EngineFact]
    public async Task The_user_is_the_one_that_is_asked_for_or_else_the_images_or_else_nobody()
    {
        const string who = "busybox id -u; busybox id -g";
        Assert.Equal("4711\n42", await InsideAsync(new Hardening { User = "4711:42" }, who));
        Assert.Equal("1000\n1001", await InsideAsync(new Hardening(), who, TestImages.Declares));
        Assert.Equal("0\n0", await InsideAsync(new Hardening { User = "root" }, who, TestImages.Declares));
    }

    [EngineFact]
    public async Task A_volume_of_the_image_is_no_way_around_the_read_only_root()
    {
        const string mounts = "busybox grep ' /data ' /proc/mounts | busybox cut -d' ' -f3; echo x >/data/x && echo written";
        Assert.Equal("tmpfs\nwritten", await InsideAsync(new Hardening(), mounts, TestImages.Declares));
        Assert.StartsWith("tmpfs\n", await InsideAsync(new Hardening { Tmpfs = null }, mounts, TestImages.Declares), StringComparison.Ordinal);
    }

    [EngineFact]
    public async Task A_profile_of_ones_own_takes_the_place_of_the_engines_where_it_takes_one()
    {
        var profile = new SeccompProfile(
            "no-mkdir.json", """{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{ "names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO" }] }""");
        if (OnPodman)
        {
            var failed = await FailedAsync(Request(NewKey(), Template() with { Hardening = new() { Seccomp = profile } }));
            Assert.Equal(StartFailure.Rejected, failed.Failure);
            Assert.StartsWith("the engine takes no seccomp profile from a client (podman ", failed.Reason, StringComparison.Ordinal);
        }
        else
        {
            var inside = await InsideAsync(new Hardening { Seccomp = profile }, "mkdir /tmp/x");
            Assert.Equal("mkdir: can't create directory '/tmp/x': Operation not permitted", inside);
        }

        Assert.Equal("", await InsideAsync(new Hardening(), "mkdir /tmp/x"));
    }

    [EngineFact]
    public async Task A_port_below_1024_needs_no_right()
    {
        var key = NewKey();
        var template = Template() with { ContainerPort = 80, Command = ["/bin/nc", "-ll", "-p", "80", "-e", "/bin/sh"] };
        var backend = await StartedAsync(Request(key, template));
        Assert.Equal("65534", await LineClient.RunAsync(backend.Address, "busybox id -u"));
        await StopAsync(key);
    }

    [EngineFact]
    public async Task Zombies_are_reaped_where_there_is_an_init()
    {
        foreach (var init in new[] { true, false })
        {
            // The first process waits for nobody.
            string[] command = ["/bin/sh", "-c", "nc -ll -p 1337 -e /bin/sh & exec sleep 1000000"];
            var (key, backend) = await ShellAsync(Template() with { Hardening = new() { Init = init } }, command);
            // It ends when its parent has gone, not before: that one ignores the ends of children, and would leave nothing of it.
            var orphan = await LineClient.RunAsync(backend.Address, "sh -c '(while test -d /proc/$$; do :; done) >/dev/null 2>&1 & echo $!'");
            var expected = init ? "" : "Z";
            var seen = "never looked at";
            await Until.TrueAsync(async () =>
            {
                seen = await LineClient.RunAsync(backend.Address, $"busybox cut -d' ' -f3 /proc/{orphan}/stat 2>/dev/null");
                return seen == expected;
            });
            Assert.Equal(expected, seen);
            await StopAsync(key);
        }
    }

    private static List<string> Lines(string inside) =>
        [.. inside.Split('\n').Select(line => line.Replace(":\t", ": ", StringComparison.Ordinal).TrimEnd())];

    private async Task<string> InsideAsync(Hardening hardening, string script, string image = TestImages.LineServer)
    {
        var (key, backend) = await ShellAsync(Template(image) with { Hardening = hardening });
        var said = await LineClient.RunAsync(backend.Address, script);
        await StopAsync(key);
        return said;
    }

    private async Task<(Instancer.Actors.InstanceKey Key, Backend Backend)> ShellAsync(DockerTemplate template, string[]? command = null)
    {
        var key = NewKey();
        return (key, await StartedAsync(Request(key, template with { Command = command ?? ShellServer })));
    }
}
