using System.Diagnostics;
using Microsoft.Extensions.Logging;
using OsProcess = System.Diagnostics.Process;

namespace Instancer.Containers.Process;

/// <summary>
/// Starts commands. Where there are a shell and setsid(1), the shell writes the process id down before it becomes the command, so that there
/// is no process without a record whenever the gateway is killed, and setsid gives it a session, and so a process group, of its own.
/// </summary>
internal sealed class ProcessLauncher
{
    private const string Shell = "/bin/sh";

    // The shell becomes setsid, and setsid the command, both by exec: the process id and the start time stay.
    private const string Script = """
        if [ -r /proc/$$/stat ]; then read -r stat </proc/$$/stat; else stat=$$; fi
        printf '%s\n' "$stat" >"$1" || exit 126
        shift
        exec "$@" </dev/null >/dev/null 2>&1
        """;

    private readonly string? _setsid;

    public ProcessLauncher(ILogger logger)
    {
        _setsid = OperatingSystem.IsWindows() ? null : FindSetsid();
        if (_setsid is null)
        {
            logger.NoProcessGroups(OperatingSystem.IsWindows() ? "Windows has none" : "there is no setsid command");
        }
    }

    /// <summary>Whether what is started leads a process group of its own.</summary>
    public bool MakesGroups => _setsid is not null;

    /// <exception cref="System.ComponentModel.Win32Exception">The command cannot be run.</exception>
    public OsProcess Start(IReadOnlyList<string> words, IReadOnlyDictionary<string, string> variables, string? workingDirectory, string pidFile)
    {
        var start = _setsid is null
            ? new ProcessStartInfo(words[0], words.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true }
            : new ProcessStartInfo(Shell, ["-c", Script, "sh", pidFile, _setsid, .. words]);
        start.WorkingDirectory = workingDirectory ?? "";
        start.UseShellExecute = false;
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var process = OsProcess.Start(start) ?? throw new InvalidOperationException("No process was started.");
        if (_setsid is null)
        {
            File.WriteAllText(pidFile, FormattableString.Invariant($"{process.Id}\n"));
            process.StandardInput.Close();
            _ = DrainAsync(process.StandardOutput.BaseStream);
            _ = DrainAsync(process.StandardError.BaseStream);
        }

        return process;
    }

    // A command that writes must never wait for somebody to read.
    private static async Task DrainAsync(Stream output)
    {
        try
        {
            await output.CopyToAsync(Stream.Null);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process has ended, and its pipe with it.
            return;
        }
    }

    private static string? FindSetsid()
    {
        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        return File.Exists(Shell)
            ? directories.Concat(["/usr/bin", "/bin"]).Select(directory => Path.Combine(directory, "setsid")).FirstOrDefault(File.Exists)
            : null;
    }
}
