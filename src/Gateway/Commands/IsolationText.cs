using System.Globalization;
using Instancer.Actors;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Commands;

/// <summary>What a container of a challenge may and may not do, in one line for people.</summary>
internal static class IsolationText
{
    /// <summary>The line, its parts parted by commas.</summary>
    public static string Of(ContainerTemplate template, bool egress)
    {
        var hardening = template.Hardening;
        string[] parts =
        [
            hardening.ReadOnly ? "read-only root" : "writable root",
            hardening.Tmpfs is { } tmpfs ? $"/tmp {Size(tmpfs)}" : "no /tmp of its own",
            hardening.Capabilities.Count == 0 ? "no capabilities" : $"capabilities {string.Join(' ', hardening.Capabilities)}",
            hardening.NoNewPrivileges ? "no new privileges" : "new privileges allowed",
            hardening.Seccomp switch
            {
                null => "default seccomp",
                var profile when profile == SeccompProfile.Unconfined => "no seccomp",
                var profile => $"seccomp {profile.Name}",
            },
            hardening.User is { } user ? $"user {user}" : "user 65534:65534 unless the image names one that is not root",
            hardening.OpenFiles is { } files ? Text($"{files} open files") : "open files as the engine has it",
            template.Memory is { } memory ? $"memory {Size(memory)}" : "memory unlimited",
            template.Cpus is { } cpus ? Text($"cpus {cpus}") : "cpus unlimited",
            template.Pids is { } pids ? Text($"{pids} processes") : "processes unlimited",
            egress ? "egress" : "no egress",
            hardening.Init ? "init" : "no init",
            hardening.ContainerRuntime is { } runtime ? $"container runtime {runtime}" : "default container runtime",
        ];
        return string.Join(", ", parts);
    }

    /// <summary>What an operator should know before clients come, one line each.</summary>
    public static IEnumerable<string> WarningsOf(ContainerTemplate template)
    {
        if (template.Hardening.Seccomp == SeccompProfile.Unconfined)
        {
            yield return "seccomp \"unconfined\" lets a client make every system call of the host's kernel";
        }
    }

    /// <summary>The same, of what takes an engine to know.</summary>
    public static IEnumerable<string> WarningsOf(IEnumerable<Challenge> challenges, DockerProbe.Usable engine)
    {
        foreach (var challenge in challenges)
        {
            var asked = challenge.Template is DockerTemplate template ? template.Containers.Select(one => one.Container.Hardening.ContainerRuntime) : [];
            foreach (var runtime in asked.OfType<string>().Distinct().Where(runtime => engine.ContainerRuntimes is [_, ..] known && !known.Contains(runtime)))
            {
                yield return $"challenge {challenge.Name}: the container engine is not configured with the container runtime {runtime}, "
                    + $"but with {string.Join(", ", engine.ContainerRuntimes)}";
            }
        }
    }

    private static string Size(long bytes) => bytes % (1 << 20) == 0
        ? Text($"{bytes >> 20} MiB")
        : Text($"{bytes >> 10} KiB");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
