using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Instancer.TestKit.Net;

namespace Instancer.TestKit.Processes;

/// <summary>A process that a test started: every line that it prints is kept and can be awaited; at the end it is killed by its id.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;
    private readonly List<string> _lines = [];
    private TaskCompletionSource _changed = NewSignal();

    private ChildProcess(Process process)
    {
        (_process, Id) = (process, process.Id);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, Output), ReadAsync(process.StandardError, Error));
    }

    /// <summary>Where the running .NET is: executables that need it look there, wherever the test's own was found.</summary>
    private static string DotnetRoot => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>What it used of the processors until now.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public StreamWriter Input => _process.StandardInput;

    /// <summary>Standard output and errors, line by line, in the order in which they were read.</summary>
    public IReadOnlyList<string> Lines => Snapshot(_lines);

    /// <summary>Standard output alone.</summary>
    public List<string> Output { get; } = [];

    /// <summary>Standard error alone.</summary>
    public List<string> Error { get; } = [];

    public static ChildProcess Start(
        string file, IEnumerable<string> words, string workingDirectory, IEnumerable<KeyValuePair<string, string?>> environment)
    {
        var start = new ProcessStartInfo(file, words)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_ROOT"] = DotnetRoot;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>The first line with the text, from what was printed already on.</summary>
    public Task<string> LineAsync(string text) => LineAsync(line => line.Contains(text, StringComparison.Ordinal), text);

    /// <summary>The first line that fits, from what was printed already on.</summary>
    public async Task<string> LineAsync(Func<string, bool> fits, string what)
    {
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        while (true)
        {
            // Both taken before the lines are looked at: what is printed meanwhile, or the end, is not missed.
            var (changed, ended) = (Volatile.Read(ref _changed).Task, _reading.IsCompleted);
            if (Lines.FirstOrDefault(fits) is { } line)
            {
                return line;
            }

            if (ended)
            {
                throw new InvalidOperationException($"It ended without a line with \"{what}\", but:\n{string.Join('\n', Lines)}");
            }

            try
            {
                await Task.WhenAny(changed, _reading).WaitAsync(deadline.Token);
            }
            catch (OperationCanceledException e)
            {
                throw new TimeoutException($"No line with \"{what}\" within {RawSocket.Deadline}, but:\n{string.Join('\n', Lines)}", e);
            }
        }
    }

    /// <summary>Waits for its end, for <see cref="RawSocket.Deadline"/> unless told; its exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan? within = null)
    {
        var longest = within ?? RawSocket.Deadline;
        using var deadline = new CancellationTokenSource(longest);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
            await _reading.WaitAsync(deadline.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"It had not ended after {longest}:\n{string.Join('\n', Lines)}", e);
        }
    }

    /// <summary>Sends a signal, such as <c>TERM</c>. By the shell's own kill: no package is needed for it.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", "kill -\"$1\" \"$2\"", "sh", name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
        {
            throw new InvalidOperationException($"The signal {name} could not be sent to process {_process.Id}.");
        }
    }

    /// <summary>Ends it as <c>kill -9</c> does, and nothing that it started.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // Not to the end of its output: somebody whom it started may hold that open.
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(StreamReader reader, List<string> lines)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Add(line);
                lines.Add(line);
            }

            Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
        }
    }

    private string[] Snapshot(List<string> lines)
    {
        lock (_lines)
        {
            return [.. lines];
        }
    }
}
