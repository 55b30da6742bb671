using System.Formats.Tar;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Deploy;

/// <summary>
/// Stands in for both public base images of the Dockerfile where no image registry can be reached: this machine's .NET, the libraries
/// that it needs, busybox as the shell, and the packages that the build restores.
/// </summary>
internal static partial class LocalBaseImage
{
    /// <summary>What marks it, and every image built on it, as a test's.</summary>
    public const string Label = "instancer.test";

    private const string Dotnet = "usr/share/dotnet";

    // Of no use to the build, and large.
    private static readonly string[] LeftOut = ["/templates/", "/FSharp/", "/DotnetTools/", "/TestHostNetFramework/"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The runtime identifier of this machine, without the name of a distribution.</summary>
    public static string RuntimeId => $"linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}";

    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>Makes the image under a name.</summary>
    public static async Task MakeAsync(NodeHome home, string image)
    {
        var packages = await RestoreAsync(home);
        var file = Path.Combine(home.Directory, "base.tar");
        await using (var tar = new TarWriter(File.Create(file)))
        {
            await AddDirectoryAsync(tar, DotnetRoot, Dotnet, path => !LeftOut.Any(part => path.Contains(part, StringComparison.Ordinal)));
            await AddDirectoryAsync(tar, packages, "packages", _ => true);
            await AddSystemAsync(tar, await LibrariesAsync(home));
        }

        string[] variables =
        [
            "PATH=/usr/bin:/bin", "HOME=/root", "NUGET_PACKAGES=/packages", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", "DOTNET_NOLOGO=1",
            "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1", "MSBUILDDISABLENODEREUSE=1",
            // It would ask the package registry.
            "NuGetAudit=false",
        ];
        await home.SucceedsAsync(Patience, Docker, ["import", "--change", $"LABEL {Label}={home.Name}", .. variables.SelectMany(variable => new[] { "--change", "ENV " + variable }), file, image]);
        File.Delete(file);
    }

    /// <summary>Debian's client, if it is there: a newer one on the PATH may refuse Debian's engine.</summary>
    public static string Docker => File.Exists("/usr/bin/docker") ? "/usr/bin/docker" : "docker";

    // Into a directory of its own, so that it is exactly what the build in the image restores; from a copy, so that the checkout's
    // own build is not disturbed.
    private static async Task<string> RestoreAsync(NodeHome home)
    {
        var copy = Path.Combine(home.Directory, "source");
        foreach (var source in Directory.EnumerateFiles(Repository.Root, "Directory.*.props")
            .Concat(Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(Repository.Root, source));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }

        var packages = Path.Combine(home.Directory, "packages");
        await home.SucceedsAsync(
            Patience,
            Path.Combine(DotnetRoot, "dotnet"),
            ["msbuild", Path.Combine(copy, "src", "Gateway"), "-target:Restore", "-nodeReuse:false", "-property:RestorePackagesPath=" + packages,
            // As publish does it: the compiler that compiles ahead of time is restored for nothing else.
            "-property:Configuration=Release", "-property:RuntimeIdentifier=" + RuntimeId, "-property:_IsPublishing=true"]);
        return packages;
    }

    private static async Task AddDirectoryAsync(TarWriter tar, string directory, string name, Func<string, bool> belongs)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Where(belongs))
        {
            await AddFileAsync(tar, path, name + "/" + Path.GetRelativePath(directory, path));
        }
    }

    private static async Task AddSystemAsync(TarWriter tar, IEnumerable<string> libraries)
    {
        foreach (var library in libraries)
        {
            await AddFileAsync(tar, library, library.TrimStart('/'));
        }

        await AddFileAsync(tar, BusyboxPath(), "bin/busybox");
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "bin/sh") { LinkName = "busybox" });
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.SymbolicLink, "usr/bin/dotnet") { LinkName = "/" + Dotnet + "/dotnet" });
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tmp/") { Mode = (UnixFileMode)0x3FF });

        // Without a user of its own the restore waits for ever.
        using var users = new MemoryStream("root:x:0:0:root:/root:/bin/sh\n"u8.ToArray());
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "etc/passwd") { DataStream = users });
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "root/") { Mode = (UnixFileMode)0x1C0 });
    }

    private static string BusyboxPath() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/bin")
        .Select(directory => Path.Combine(directory, "busybox")).First(File.Exists);

    // A link's target under the link's name.
    internal static async Task AddFileAsync(TarWriter tar, string path, string name) =>
        await tar.WriteEntryAsync(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path, name);

    // What the dynamic linker says, and OpenSSL, which .NET looks for only when it needs it.
    private static async Task<IReadOnlyCollection<string>> LibrariesAsync(NodeHome home)
    {
        var native = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libcoreclr.so");
        var lines = await home.SucceedsAsync(Patience, "ldd", Path.Combine(DotnetRoot, "dotnet"), native);
        var libraries = lines.Select(line => LibraryPath().Match(line).Value).Where(path => path.Length > 0 && !path.StartsWith(DotnetRoot, StringComparison.Ordinal)).ToHashSet();
        var directory = Path.GetDirectoryName(libraries.First(path => path.Contains("/libc.so", StringComparison.Ordinal)))!;
        string[] late = ["libssl.so.3", "libcrypto.so.3", "librt.so.1", "libz.so.1"];
        libraries.UnionWith(late.Select(name => Path.Combine(directory, name)).Where(File.Exists));
        return libraries;
    }

    [GeneratedRegex(@"/\S+\.so\S*(?= \(0x)")]
    private static partial Regex LibraryPath();
}
