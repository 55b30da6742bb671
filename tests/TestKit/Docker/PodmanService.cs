using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Instancer.TestKit.Docker;

/// <summary>
/// A podman of the test's own that serves Docker's API: own data, own socket, own networks. Unlike a dockerd it keeps nothing running itself: its containers
/// live on without it, so they are removed before it ends.
/// </summary>
public sealed class PodmanService : IAsyncDisposable
{
    private const string Prefix = "instancer-podman-";

    private readonly string _directory;
    private Process _process = null!;

    private PodmanService(string directory) => _directory = directory;

    public string Host => "unix://" + Path.Combine(_directory, "sock");

    /// <summary>Why none can be started here; null if one can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() ? "podman needs Linux"
        : !Environment.IsPrivilegedProcess ? "a podman of the test's own needs root"
        : DockerDaemon.OnPath("podman") is null ? "there is no podman on the PATH"
        : null;

    /// <summary>Starts one.</summary>
    /// <param name="init">The program that it gives to containers as their init; null for its own choice.</param>
    public static async Task<PodmanService> StartAsync(string? init = null)
    {
        await SweepAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
        var service = new PodmanService(Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), name)).FullName);
        await File.WriteAllTextAsync(ConfigurationIn(service._directory), Configuration(service._directory, init));
        Directory.CreateDirectory(HooksIn(service._directory));
        await File.WriteAllTextAsync(Path.Combine(HooksIn(service._directory), "limits.json"), Hook);
        await service.RunAsync();
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(_directory))
        {
            await RemoveAllAsync(_directory);
            await DockerDaemon.TerminateAsync(_process);
            await DeleteAsync(_directory);
            _process.Dispose();
        }
    }

    // The locks are files of its own: those in shared memory are one set for every podman of a host, and the first start of one frees them all. Events
    // are a file since a journal need not be there, and cgroups its own since a systemd need not be.
    private static string Configuration(string directory, string? init) => $"""
        [engine]
        {(init is null ? "" : $"init_path = \"{init}\"")}
        runtime = "runc"
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        lock_type = "file"
        tmp_dir = "{directory}/tmp"
        hooks_dir = ["{HooksIn(directory)}"]
        [network]
        network_backend = "netavark"
        network_config_dir = "{directory}/networks"

        """;

    // podman's API asks for a million open files and four million processes wherever it is not told a number, and has no option for that. Without
    // CAP_SYS_RESOURCE root may not have that many.
    private const string Hook = """
        {
          "version": "1.0.0",
          "hook": { "path": "/bin/sh", "args": ["sh", "-c", "sed -E 's/\"hard\":[0-9]{7,},\"soft\":[0-9]{7,}/\"hard\":8192,\"soft\":8192/g'"] },
          "when": { "always": true },
          "stages": ["precreate"]
        }
        """;

    private static string HooksIn(string directory) => Path.Combine(directory, "hooks");

    private static string ConfigurationIn(string directory) => Path.Combine(directory, "containers.conf");

    private async Task RunAsync()
    {
        _process = Start(_directory, "system", "service", "--time=0", Host);
        using var api = new EngineApi(Host);
        await Until.TrueAsync(
            async () => _process.HasExited
                ? throw new InvalidOperationException("podman did not start: " + string.Join('\n', (await File.ReadAllLinesAsync(LogIn(_directory))).TakeLast(5)))
                : await api.AnswersAsync(CancellationToken.None),
            TimeSpan.FromSeconds(60),
            "podman answers");
    }

    private static string LogIn(string directory) => Path.Combine(directory, "log");

    private static Process Start(string directory, params string[] command)
    {
        string[] options = ["--root", Path.Combine(directory, "root"), "--runroot", Path.Combine(directory, "run"), "--storage-driver", "overlay", .. command];
        var start = new ProcessStartInfo(
            "/bin/sh",
            ["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", LogIn(directory), DockerDaemon.OnPath("podman")!, .. options]);
        start.Environment["CONTAINERS_CONF"] = ConfigurationIn(directory);
        return Process.Start(start)!;
    }

    private static async Task RemoveAllAsync(string directory)
    {
        foreach (var command in new[] { "rm --all --force --time 0", "network prune --force" })
        {
            using var removal = Start(directory, command.Split(' '));
            await removal.WaitForExitAsync();
        }
    }

    // A test process that was killed leaves its podman behind, and the containers.
    private static async Task SweepAsync()
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            if (Directory.Exists("/proc/" + owner))
            {
                continue;
            }

            if (File.Exists(ConfigurationIn(directory)))
            {
                await RemoveAllAsync(directory);
            }

            foreach (var process in Process.GetProcessesByName("podman").Where(process => IsOf(process, directory)))
            {
                await DockerDaemon.TerminateAsync(process);
                process.Dispose();
            }

            await DeleteAsync(directory);
        }
    }

    private static bool IsOf(Process process, string directory)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(directory, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It has ended.
            return false;
        }
    }

    private static async Task DeleteAsync(string directory)
    {
        await DockerDaemon.UnmountAsync(directory);
        Directory.Delete(directory, recursive: true);
    }
}
