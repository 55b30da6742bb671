using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Instancer.TestKit.Docker;

/// <summary>
/// A dockerd of the test's own: own data, own socket, no default bridge, own range of addresses. Several may run at once, but not
/// start at once: each makes the same iptables chains, and the second to make one fails. A file lock keeps the starts apart.
/// </summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private const string Prefix = "instancer-dockerd-";

    private readonly string _directory;
    private readonly Process _process;

    private DockerDaemon(string directory, Process process)
    {
        _directory = directory;
        _process = process;
    }

    public string Host => "unix://" + SocketIn(_directory);

    /// <summary>Why no daemon can be started here; null if one can.</summary>
    public static string? Obstacle =>
        !OperatingSystem.IsLinux() ? "no engine answers, and one of the test's own needs Linux"
        : !Environment.IsPrivilegedProcess ? "no engine answers, and one of the test's own needs root"
        : OnPath("dockerd") is null ? "no engine answers, and there is no dockerd on the PATH"
        : null;

    /// <summary>Starts one.</summary>
    /// <param name="path">The daemon's PATH, where it finds its helpers; null for this process's own.</param>
    public static async Task<DockerDaemon> StartAsync(string? path = null)
    {
        await using var turn = await LockAsync();
        await SweepAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), name)).FullName;
        var pool = string.Create(CultureInfo.InvariantCulture, $"base=10.{RandomNumberGenerator.GetInt32(129, 255)}.0.0/16,size=22");
        string[] options =
        [
            "--data-root", Path.Combine(directory, "data"), "--exec-root", Path.Combine(directory, "exec"), "--pidfile", PidFileIn(directory),
            "-H", "unix://" + SocketIn(directory), "--bridge", "none", "--default-address-pool", pool, "--shutdown-timeout", "1",
        ];
        var log = Path.Combine(directory, "log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, OnPath("dockerd")!, .. options]);
        start.Environment["PATH"] = path ?? start.Environment["PATH"];
        var process = Process.Start(start)!;
        var daemon = new DockerDaemon(directory, process);
        using var api = new EngineApi(daemon.Host);
        await Until.TrueAsync(
            async () => process.HasExited
                ? throw new InvalidOperationException("dockerd did not start: " + string.Join('\n', (await File.ReadAllLinesAsync(log)).TakeLast(5)))
                : await api.AnswersAsync(CancellationToken.None),
            TimeSpan.FromSeconds(60),
            "dockerd answers");
        return daemon;
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(_directory))
        {
            await StopAsync(_process, _directory);
            _process.Dispose();
        }
    }

    internal static string? OnPath(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Concat(["/usr/sbin", "/sbin"])
        .Select(directory => Path.Combine(directory, command))
        .FirstOrDefault(File.Exists);

    private static string SocketIn(string directory) => Path.Combine(directory, "sock");

    private static string PidFileIn(string directory) => Path.Combine(directory, "pid");

    private static async Task<FileStream> LockAsync()
    {
        FileStream? taken = null;
        var path = Path.Combine(Path.GetTempPath(), Prefix + "lock");
        await Until.TrueAsync(
            () =>
            {
                try
                {
                    taken = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            TimeSpan.FromMinutes(2),
            "the lock of dockerd starts is free");
        return taken!;
    }

    // A test process that was killed leaves its daemon behind.
    private static async Task SweepAsync()
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            var owner = Path.GetFileName(directory)[Prefix.Length..].Split('-')[0];
            if (Directory.Exists("/proc/" + owner))
            {
                continue;
            }

            var pid = File.Exists(PidFileIn(directory)) ? (await File.ReadAllTextAsync(PidFileIn(directory))).Trim() : "none";
            var commandLine = $"/proc/{pid}/cmdline";
            var runs = File.Exists(commandLine) && (await File.ReadAllTextAsync(commandLine)).Contains(directory, StringComparison.Ordinal);
            using var process = runs ? Process.GetProcessById(int.Parse(pid, CultureInfo.InvariantCulture)) : null;
            await StopAsync(process, directory);
        }
    }

    private static async Task StopAsync(Process? process, string directory)
    {
        if (process is { HasExited: false })
        {
            using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            await Until.TrueAsync(() => process.HasExited, stated: "dockerd has stopped");
        }

        await UnmountAsync(directory);
        Directory.Delete(directory, recursive: true);
    }

    // A daemon that was killed leaves what it had mounted, and a mount point cannot be deleted.
    private static async Task UnmountAsync(string directory)
    {
        var mounted = (await File.ReadAllLinesAsync("/proc/mounts")).Select(line => line.Split(' ')[1]);
        foreach (var place in mounted.Where(place => place.StartsWith(directory + "/", StringComparison.Ordinal)).OrderDescending().ToList())
        {
            using var unmount = Process.Start("umount", ["-l", place]);
            await unmount.WaitForExitAsync();
        }
    }
}
