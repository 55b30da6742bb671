using System.Text.RegularExpressions;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what the containers of a challenge are kept from.</summary>
internal static partial class HardeningReader
{
    // What the kernel rounds a file system in memory up to; it takes 0 as no bound.
    private const long Page = 4096;

    private static readonly string[] CapabilityNames =
    [
        "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH",
        "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
    ];

    private static readonly ValueKind<string> Capability = new(
        "a capability", "the kernel's names without CAP_, such as NET_RAW", (string text, out string value) =>
        {
            value = text;
            return CapabilityNames.Contains(text, StringComparer.Ordinal);
        });

    private static readonly ValueKind<string> User = new(
        "a user", "NAME or UID, with :GROUP or :GID if wanted, such as 1000:1000", (string text, out string value) =>
        {
            value = text;
            return UserText().IsMatch(text);
        });

    private static readonly ValueKind<string> ContainerRuntime = new(
        "a container runtime", "a name that the engine is configured with, such as runsc", (string text, out string value) =>
        {
            value = text;
            return RuntimeText().IsMatch(text);
        });

    /// <summary>The names of the options.</summary>
    public static IReadOnlyList<string> Options { get; } =
        ["readOnly", "tmpfs", "capabilities", "noNewPrivileges", "seccomp", "openFiles", "user", "init", "containerRuntime"];

    /// <summary>The hardening of a challenge in containers.</summary>
    public static Hardening Read(SectionReader section, long hostMemory)
    {
        var defaults = new Hardening();
        var hardening = new Hardening
        {
            ReadOnly = section.Value("readOnly", defaults.ReadOnly, ValueKinds.Flag),
            Tmpfs = section.ValueOrNone("tmpfs", defaults.Tmpfs, ValueKinds.Size(hostMemory, Page, "4KiB (null for none)")),
            // In one order and each once: a template that means the same is the same.
            Capabilities = [.. section.Values("capabilities", Capability).Distinct().Order(StringComparer.Ordinal)],
            NoNewPrivileges = section.Value("noNewPrivileges", defaults.NoNewPrivileges, ValueKinds.Flag),
            Seccomp = SeccompReader.Read(section),
            OpenFiles = section.ValueOrNone("openFiles", defaults.OpenFiles, ValueKinds.Count(16, 1_048_576)),
            User = section.TryValue("user", User, out var user) ? user : null,
            Init = section.Value("init", defaults.Init, ValueKinds.Flag),
            ContainerRuntime = section.TryValue("containerRuntime", ContainerRuntime, out var runtime) ? runtime : null,
        };
        if (hardening.Capabilities.Count > 0 && hardening.NoNewPrivileges && !hardening.RunsAsRoot)
        {
            section.Fail("capabilities", "of no use to a user that is not root and can never become it; allowed: with \"user\": \"root\", or with \"noNewPrivileges\": false");
        }

        return hardening;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?\z")]
    private static partial Regex UserText();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_./-]*\z")]
    private static partial Regex RuntimeText();
}
