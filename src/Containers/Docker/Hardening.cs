using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;

namespace Instancer.Containers.Docker;

/// <summary>
/// What a container is kept from, apart from its limits. The defaults let a server run that listens, computes and keeps small files
/// in <c>/tmp</c>, and little else; each can be relaxed by itself.
/// </summary>
public sealed record Hardening
{
    /// <summary>The default of <see cref="Tmpfs"/>, in bytes: 16 MiB.</summary>
    public const long DefaultTmpfs = 16L << 20;

    /// <summary>
    /// Whether the root file system is read-only. Default: true. A writable one has no bound: it is on the host's disk.
    /// Directories that the image declares as volumes would be on the host's disk as well, so they are in memory then, as <c>/tmp</c> is.
    /// </summary>
    public bool ReadOnly { get; init; } = true;

    /// <summary>
    /// The size in bytes of the file system in memory on <c>/tmp</c>, which counts as the container's memory; null for none. At least a
    /// page, 4096: the kernel takes 0 as no bound. Default: <see cref="DefaultTmpfs"/>.
    /// </summary>
    public long? Tmpfs { get; init; } = DefaultTmpfs;

    /// <summary>
    /// The capabilities that the container's root has, as <c>NET_RAW</c>; all others are dropped. The engine refuses a start with one
    /// that it does not know. Default: none.
    /// </summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];

    /// <summary>Whether a program can never have more rights than the one that starts it, setuid or not. Default: true.</summary>
    public bool NoNewPrivileges { get; init; } = true;

    /// <summary>Which system calls may be made; null for what the engine's own profile allows. Default: null.</summary>
    public SeccompProfile? Seccomp { get; init; }

    /// <summary>How many files each process may have open; null for as many as the engine gives. Default: 1024.</summary>
    public int? OpenFiles { get; init; } = 1024;

    /// <summary>
    /// Who the server runs as: <c>NAME</c> or <c>UID</c>, with <c>:GROUP</c> or <c>:GID</c> if wanted, as the image's own files name them;
    /// null for the image's user, or 65534:65534 if that is root. The engine refuses a start with a name that is not in the image. Default: null.
    /// </summary>
    public string? User { get; init; }

    /// <summary>Whether the engine's own little init is the container's first process, which reaps what the server leaves behind. Default: true.</summary>
    public bool Init { get; init; } = true;

    /// <summary>
    /// What the engine starts the container with, as <c>runsc</c>; null for the engine's default. The engine refuses a start with one that
    /// it is not configured with. Default: null.
    /// </summary>
    public string? ContainerRuntime { get; init; }

    /// <summary>Whether a container so started can share its network with others: with a kernel or a network stack of its own it cannot.</summary>
    public bool SharesNetworks => HostKernel.Runs(ContainerRuntime);

    /// <summary>Whether <see cref="User"/> asks for root.</summary>
    public bool RunsAsRoot => User is not null && IsRoot(User);

    /// <summary>Whether a user, as an image or an option names it, is root. One without a name is.</summary>
    internal static bool IsRoot([NotNullWhen(false)] string? user) => user?.Split(':')[0] is null or "" or "root"
        || (int.TryParse(user.Split(':')[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number == 0);

    internal void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteBoolean("readOnly", ReadOnly);
        writer.WriteOptional("tmpfs", Tmpfs);
        writer.WriteList("capabilities", Capabilities);
        writer.WriteBoolean("noNewPrivileges", NoNewPrivileges);
        // What the profile says counts, not where it lies.
        writer.WriteString("seccomp", Seccomp?.Text);
        writer.WriteOptional("openFiles", OpenFiles);
        writer.WriteString("user", User);
        writer.WriteBoolean("init", Init);
        writer.WriteString("containerRuntime", ContainerRuntime);
    }
}

/// <summary>A seccomp profile that takes the place of the engine's own.</summary>
/// <param name="Name">What people call it: its file, or <c>unconfined</c>.</param>
/// <param name="Text">What the engine is given: the profile itself, in JSON, or <c>unconfined</c>.</param>
public sealed record SeccompProfile(string Name, string Text)
{
    /// <summary>None at all: every system call of the host's kernel may be made.</summary>
    public static SeccompProfile Unconfined { get; } = new("unconfined", "unconfined");
}
