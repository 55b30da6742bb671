using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Instancer.TestKit.Docker;

/// <summary>
/// A dockerd of the test's own: own data, own socket, no default bridge, own range of addresses. Several may run at once, but not
/// start at once: each makes the same iptables chains, and the second to make one fails. A file lock keeps the starts apart.
/// </summary>
public sealed class DockerDaemon : IAsyncDisposable
{
    private const string Prefix = "instancer-dockerd-";

    private readonly string _directory;
    private readonly string _pool = string.Create(CultureInfo.InvariantCulture, $"base=10.{RandomNumberGenerator.GetInt32(129, 255)}.0.0/16,size=22");
    private readonly string? _path;
    private readonly string[] _enter;
    private Process _process = null!;

    private DockerDaemon(string directory, string? path, string[] enter) => (_directory, _path, _enter) = (directory, path, enter);

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
        return await RunNewAsync(path, []);
    }

    /// <summary>Starts one in a network namespace: its rules are that namespace's own, so that several may start at once.</summary>
    /// <param name="enter">The words in front of the daemon's own that make it run there, and end as the daemon, with its process id.</param>
    public static Task<DockerDaemon> StartElsewhereAsync(string[] enter) => RunNewAsync(path: null, enter);

    /// <summary>Ends the daemons of test processes that were killed.</summary>
    public static async Task SweepStrayAsync()
    {
        await using var turn = await LockAsync();
        await SweepAsync();
    }

    /// <summary>
    /// Until it is disposed of, no daemon of a test starts. One that starts throws away the rules, of all daemons of the host, that keep their networks apart from
    /// each other.
    /// </summary>
    public static async Task<IAsyncDisposable> HoldStartsAsync() => await LockAsync();

    /// <summary>Stops it in order: its containers end, unless it was started with <c>--live-restore</c>.</summary>
    public async Task StopAsync()
    {
        await TerminateAsync(_process);
        _process.Dispose();
    }

    /// <summary>Starts it again on what it had.</summary>
    public async Task StartAgainAsync(params string[] options)
    {
        await using var turn = await LockAsync();
        await RunAsync(options);
    }

    /// <summary>Sends it a signal: after <c>STOP</c> it accepts connections, by the kernel, and answers nothing until <c>CONT</c>.</summary>
    public Task SignalAsync(string name) => SignalAsync(_process, name);

    private static async Task<DockerDaemon> RunNewAsync(string? path, string[] enter)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}");
        var daemon = new DockerDaemon(Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), name)).FullName, path, enter);
        await daemon.RunAsync([]);
        return daemon;
    }

    private async Task RunAsync(string[] more)
    {
        string[] options =
        [
            "--data-root", Path.Combine(_directory, "data"), "--exec-root", Path.Combine(_directory, "exec"), "--pidfile", PidFileIn(_directory),
            "-H", Host, "--bridge", "none", "--default-address-pool", _pool, "--shutdown-timeout", "1", .. more,
        ];
        var log = Path.Combine(_directory, "log");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" >\"$log\" 2>&1 </dev/null", "sh", log, .. _enter, OnPath("dockerd")!, .. options]);
        start.Environment["PATH"] = _path ?? start.Environment["PATH"];
        _process = Process.Start(start)!;
        using var api = new EngineApi(Host);
        await Until.TrueAsync(
            async () => _process.HasExited
                ? throw new InvalidOperationException("dockerd did not start: " + string.Join('\n', (await File.ReadAllLinesAsync(log)).TakeLast(5)))
                : await api.AnswersAsync(CancellationToken.None),
            TimeSpan.FromSeconds(60),
            "dockerd answers");
    }

    public async ValueTask DisposeAsync()
    {
        if (Directory.Exists(_directory))
        {
            await StopAsync(_process, _directory);
            _process.Dispose();
        }
    }

    public static string? OnPath(string command) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
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
            await SignalAsync(process, "CONT");
            await RemoveAllAsync(directory);
            await TerminateAsync(process);
        }

        await UnmountAsync(directory);
        Directory.Delete(directory, recursive: true);
    }

    // A daemon that ends leaves its networks' bridges and rules to its next start, and this one has none.
    private static async Task RemoveAllAsync(string directory)
    {
        using var api = new EngineApi("unix://" + SocketIn(directory));
        foreach (var container in (JsonArray)(await api.SendAsync(HttpMethod.Get, "containers/json?all=true"))!)
        {
            await api.RemoveAsync((string)container!["Id"]!);
        }

        await api.SendAsync(HttpMethod.Post, "networks/prune");
    }

    internal static async Task TerminateAsync(Process process)
    {
        await SignalAsync(process, "TERM");
        await Until.TrueAsync(() => process.HasExited, stated: "the engine has stopped");
    }

    private static async Task SignalAsync(Process process, string name)
    {
        using var kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    // A daemon that was killed leaves what it had mounted, and a mount point cannot be deleted.
    internal static async Task UnmountAsync(string directory)
    {
        var mounted = (await File.ReadAllLinesAsync("/proc/mounts")).Select(line => line.Split(' ')[1]);
        foreach (var place in mounted.Where(place => place.StartsWith(directory + "/", StringComparison.Ordinal)).OrderDescending().ToList())
        {
            using var unmount = Process.Start("umount", ["-l", place]);
            await unmount.WaitForExitAsync();
        }
    }
}
