using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Instancer.Bench.Net;

/// <summary>A process that the bench started and that ends with it.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly ConcurrentDictionary<ChildProcess, bool> Running = [];
    private readonly Process _process;

    // A bench that is told to end in the middle leaves nothing behind.
    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();

    private ChildProcess(Process process)
    {
        _process = process;
        Running[this] = true;
    }

    /// <summary>Kills all that run.</summary>
    public static void KillAll()
    {
        foreach (var child in Running.Keys)
        {
            child.Kill();
        }
    }

    /// <summary>This very executable with another subcommand.</summary>
    public static ChildProcess Self(params string[] args) => Start(Environment.ProcessPath!, args);

    public static ChildProcess Start(string file, params string[] args)
    {
        // In a session of its own, as services and instances have: the kernel shares the processors out by session (sched(7), autogroup), and a
        // proxy in the load's session would have less of them than one outside of it. setsid(1) becomes the program, and the process id stays.
        // Standard input stays open for as long as the bench lives: its end tells our own children to go.
        var start = new ProcessStartInfo("setsid", [file, .. args]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The ports that the child names in its first line.</summary>
    public int[] ReadPorts() =>
        [.. _process.StandardOutput.ReadLine()!.Split(' ').Select(port => int.Parse(port, CultureInfo.InvariantCulture))];

    /// <summary>How many files the process has open without its children.</summary>
    public int OpenFiles() => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    /// <summary>How many files it may have open.</summary>
    public int OpenFileLimit() => int.Parse(
        File.ReadLines($"/proc/{_process.Id}/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[3],
        CultureInfo.InvariantCulture);

    /// <summary>The resident memory of the process and its children in bytes.</summary>
    public long ResidentBytes() => Family().Sum(Resident);

    /// <summary>The resident memory of the process without its children in bytes.</summary>
    public long ResidentBytesAlone() => Resident(_process.Id);

    /// <summary>The CPU time that the process and its children have taken.</summary>
    public TimeSpan CpuTime() => Family().Aggregate(TimeSpan.Zero, (sum, id) => sum + Cpu(id));

    /// <summary>The CPU time that the process has taken without its children.</summary>
    public TimeSpan CpuTimeAlone() => Cpu(_process.Id);

    public void Dispose()
    {
        Running.TryRemove(this, out _);
        Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Kill() => _process.Kill(entireProcessTree: true);

    private IEnumerable<int> Family() =>
        File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture))
            .Append(_process.Id);

    // Fields 14 and 15 of proc(5)'s stat, in hundredths of a second; the name in field 2 may have blanks.
    private static TimeSpan Cpu(int id)
    {
        var stat = File.ReadAllText($"/proc/{id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * fields[11..13].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
    }

    private static long Resident(int id) =>
        long.Parse(File.ReadAllText($"/proc/{id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
