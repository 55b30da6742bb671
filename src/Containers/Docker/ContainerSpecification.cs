using System.Globalization;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>What the engine is asked for: a template and its hardening, in the engine's own words. Nothing of the host is ever mounted but the flag's own file.</summary>
internal static class ContainerSpecification
{
    /// <summary>Who nobody is by number: needs no entry in the image's files, and owns nothing.</summary>
    public const string Nobody = "65534:65534";

    public static CreateContainer Of(
        ContainerTemplate template, string? flag, FlagFile? flagFile, ImageConfig? image, ContainerLabels labels, ContainerNetwork network, bool init) => new()
    {
        Image = template.Image,
        Cmd = template.Command,
        Env = EnvironmentOf(template, flag),
        User = UserOf(template.Hardening.User, image?.User),
        Labels = labels.ToMap(),
        // The engine refuses it of one that joins another's network.
        ExposedPorts = network.IsJoined ? null : new Dictionary<string, Empty> { [PortOf(labels.Address)] = new() },
        HostConfig = HostConfigOf(template, template.Hardening, image, network, init) with
        {
            Mounts = template.FlagFile is { } target && flagFile is { Path: var source } ? [new Mount("bind", source, target, ReadOnly: true)] : null,
            PortBindings = !network.IsJoined && labels.Address is ContainerAddress.Published { EndPoint: var at }
                ? new Dictionary<string, IReadOnlyList<PortBinding>>
                {
                    [PortOf(labels.Address)] = [new PortBinding(at.Address.ToString(), at.Port.ToString(CultureInfo.InvariantCulture))],
                }
                : null,
        },
    };

    private static List<string> EnvironmentOf(ContainerTemplate template, string? flag)
    {
        List<string> variables = [.. template.Environment.Select(pair => $"{pair.Key}={pair.Value}")];
        if (template.FlagVariable is { } name && flag is not null)
        {
            variables.Add($"{name}={flag}");
        }

        return variables;
    }

    private static HostConfig HostConfigOf(ContainerTemplate template, Hardening hardening, ImageConfig? image, ContainerNetwork network, bool init) => new()
    {
        NetworkMode = network.Mode,
        ExtraHosts = network.Names.Count == 0 ? null : [.. network.Names.Select(name => $"{name}:127.0.0.1")],
        Memory = template.Memory,
        // Memory and swap together: as much as memory alone, so no swap.
        MemorySwap = template.Memory,
        NanoCpus = template.NanoCpus,
        PidsLimit = template.Pids,
        Ulimits = hardening.OpenFiles is { } files ? [new Ulimit("nofile", files, files)] : null,
        ReadonlyRootfs = hardening.ReadOnly,
        Tmpfs = TmpfsOf(hardening, image),
        CapDrop = ["ALL"],
        CapAdd = hardening.Capabilities,
        SecurityOpt = SecurityOf(hardening),
        Init = hardening.Init && init,
        Runtime = hardening.ContainerRuntime,
        RestartPolicy = new RestartPolicy("no"),
        // What clients make a server write must not fill the host's disk.
        LogConfig = new LogConfig("json-file", new Dictionary<string, string> { ["max-size"] = "1m", ["max-file"] = "1" }),
    };

    private static string PortOf(ContainerAddress address) => string.Create(CultureInfo.InvariantCulture, $"{address.ContainerPort}/tcp");

    /// <summary>Always said, the image's own too: the image may be another by now.</summary>
    public static string UserOf(string? asked, string? image) => asked switch
    {
        // By number, since an image need not have a list of users.
        "root" => "0",
        not null => asked,
        null => Hardening.IsRoot(image) ? Nobody : image,
    };

    // An image's volume is a directory of the host's disk, without a bound and writable whatever the root is; unless something else is
    // mounted in its place.
    private static Dictionary<string, string> TmpfsOf(Hardening hardening, ImageConfig? image)
    {
        var mounts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in hardening.ReadOnly ? image?.Volumes?.Keys ?? [] : [])
        {
            mounts[volume.Length > 1 ? volume.TrimEnd('/') : volume] = TmpfsOptions(hardening.Tmpfs ?? Hardening.DefaultTmpfs);
        }

        if (hardening.Tmpfs is { } size)
        {
            mounts["/tmp"] = TmpfsOptions(size);
        }

        return mounts;
    }

    // noexec: what a server runs is in its image, and what a client uploads is not to be run as it is.
    private static string TmpfsOptions(long size) =>
        string.Create(CultureInfo.InvariantCulture, $"rw,nosuid,nodev,noexec,mode=1777,size={size}");

    private static List<string> SecurityOf(Hardening hardening)
    {
        List<string> options = [];
        if (hardening.NoNewPrivileges)
        {
            options.Add("no-new-privileges");
        }

        if (hardening.Seccomp is { } profile)
        {
            options.Add($"seccomp={profile.Text}");
        }

        return options;
    }
}
