using System.Diagnostics;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Commands;

/// <summary>The built executable, run as an operator runs it, in a directory of its own.</summary>
internal sealed class InstancerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private InstancerProcess(Process process)
    {
        _process = process;
    }

    public Process Process => _process;

    /// <summary>Starts it with the words.</summary>
    public static InstancerProcess Start(string workingDirectory, params string[] words) => Start(workingDirectory, new Dictionary<string, string>(), words);

    /// <summary>Starts it with the words and further variables.</summary>
    public static InstancerProcess Start(string workingDirectory, Dictionary<string, string> environment, params string[] words)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "instancer.exe" : "instancer"), words)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new InstancerProcess(Process.Start(start)!);
    }

    /// <summary>Runs it to its end, its input empty.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(string workingDirectory, params string[] words) =>
        RunAsync(workingDirectory, new Dictionary<string, string>(), words);

    /// <summary>Runs it to its end, with further variables and its input empty.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string workingDirectory, Dictionary<string, string> environment, params string[] words)
    {
        await using var instancer = Start(workingDirectory, environment, words);
        instancer._process.StandardInput.Close();
        return await instancer.EndAsync();
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int ExitCode, string Output, string Error)> EndAsync()
    {
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        var output = _process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = _process.StandardError.ReadToEndAsync(deadline.Token);
        await _process.WaitForExitAsync(deadline.Token);
        return (_process.ExitCode, await output, await error);
    }

    /// <summary>Reads output until a line that has the text.</summary>
    public Task<string> OutputLineAsync(string text) => LineAsync(_process.StandardOutput, text);

    /// <summary>Reads errors until a line that has the text.</summary>
    public Task<string> ErrorLineAsync(string text) => LineAsync(_process.StandardError, text);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<string> LineAsync(StreamReader reader, string text)
    {
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        var seen = new List<string>();
        while (await reader.ReadLineAsync(deadline.Token) is { } line)
        {
            seen.Add(line);
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"No line with \"{text}\" came, but: {string.Join('\n', seen)}");
    }
}
