using System.Globalization;
using System.Text.Json.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Processes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Nodes;

/// <summary>
/// A directory with a configuration and a tokens file, and the processes that ran in it. The name that marks them is
/// the node's as well.
/// </summary>
internal sealed class NodeHome
{
    // What is made in the state directory to hold secrets; the flags are there because an operator asks whose they are.
    private static readonly string[] SecretFiles = ["admin-token", "dev-token", "flags", "flag-secret"];

    private readonly ITestOutputHelper _output;
    private readonly List<(ChildProcess Process, bool MayShowToken)> _processes = [];

    public NodeHome(ITestOutputHelper output)
    {
        _output = output;
        Directory = System.IO.Directory.CreateTempSubdirectory("instancer-e2e-").FullName;
        Options = new JsonObject
        {
            ["node"] = Name,
            ["gateway"] = new JsonObject { ["drainTimeout"] = "00:00:01" },
            ["admin"] = new JsonObject { ["port"] = 0 },
            ["challenges"] = new JsonObject(),
        };
        Accept(Token);
    }

    /// <summary>The node's name, and what marks all processes that come from it.</summary>
    public string Name { get; } = "e2e-" + Guid.NewGuid().ToString("N")[..8];

    public string Directory { get; }

    /// <summary>The section <c>instancer</c> of the configuration.</summary>
    public JsonObject Options { get; }

    public JsonObject Gateway => (JsonObject)Options["gateway"]!;

    /// <summary>A token that is accepted from the beginning.</summary>
    public TestToken Token { get; } = TestToken.New();

    /// <summary>What children get beside this process's environment.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    /// <summary>The words in front of every command that make it run elsewhere, such as on another host; none by default.</summary>
    public string[] Enter { get; init; } = [];

    public string TokensFile => Path.Combine(StateDirectory, "tokens");

    /// <summary>What may be seen in no output, no answer of the admin endpoint, and no file of the state directory that was not made for it.</summary>
    public TestSecrets Secrets { get; } = new();

    private string StateDirectory => Path.Combine(Directory, "var");

    /// <summary>Sets the challenge; its instances get <paramref name="ports"/> ports, if any.</summary>
    public void Serve(string name, JsonObject challenge, int ports = 0)
    {
        Options["challenges"]![name] = challenge;
        if (ports > 0)
        {
            var block = PortBlock.Take(ports);
            Options["ports"] = new JsonObject { ["first"] = block.First, ["last"] = block.Last };
        }
    }

    /// <summary>Makes a token accepted.</summary>
    public void Accept(TestToken token)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(TokensFile)!);
        var name = string.Create(CultureInfo.InvariantCulture, $"client-{Guid.NewGuid():N}");
        File.AppendAllText(TokensFile, token.Line(name));
    }

    /// <summary>A token that is accepted.</summary>
    public TestToken NewToken()
    {
        var token = TestToken.New();
        Accept(token);
        return token;
    }

    /// <summary>Writes the configuration; its path.</summary>
    public string WriteConfiguration() => WriteConfiguration(new JsonObject { ["instancer"] = Options.DeepClone() }.ToJsonString());

    /// <summary>Writes anything in the configuration's place, so that nobody sees half of it; its path.</summary>
    public string WriteConfiguration(string text)
    {
        var path = Path.Combine(Directory, "node.conf");
        File.WriteAllText(path + ".next", text);
        File.Move(path + ".next", path, overwrite: true);
        return path;
    }

    /// <summary>Writes a file with a secret, which nobody else may read; its path.</summary>
    public string WriteSecret(string name, string secret)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, Secrets.Add(secret));
        Protect(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Sets who may do what with a file, where files have that.</summary>
    public static void Protect(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Starts a node with the configuration and waits until clients can come.</summary>
    public Task<TestNode> StartNodeAsync() => TestNode.AnnouncedAsync(StartNode(), this);

    /// <summary>Starts a node with the configuration.</summary>
    public ChildProcess StartNode() => Start("serve", "--verbose", "--config", WriteConfiguration());

    /// <summary>Runs any program to its end; fails the test unless it succeeds.</summary>
    public async Task<List<string>> SucceedsAsync(TimeSpan within, string file, params string[] words)
    {
        var process = Start(file, words);
        process.Input.Close();
        var exitCode = await process.ExitAsync(within);
        Assert.True(exitCode == 0, $"{file} {string.Join(' ', words)}: exit code {exitCode}\n{string.Join('\n', process.Lines.TakeLast(30))}");
        return process.Output;
    }

    /// <summary>Starts the built executable.</summary>
    public ChildProcess Start(params string[] words) => Start(Instancer, words);

    /// <summary>Starts an executable in the directory, marked.</summary>
    public ChildProcess Start(string file, string[] words, bool mayShowToken = false)
    {
        var environment = Environment.Append(new(MarkedProcesses.Variable, Name));
        string[] all = [.. Enter, file, .. words];
        var process = ChildProcess.Start(all[0], all[1..], Directory, environment);
        _processes.Add((process, mayShowToken));
        return process;
    }

    /// <summary>Runs the built executable to its end, its input empty.</summary>
    public Task<CommandResult> RunAsync(params string[] words) => RunAsync(words, mayShowToken: false);

    /// <summary>Runs a command that prints a token because that is what it is for.</summary>
    public Task<CommandResult> RunAsync(string[] words, bool mayShowToken) => RunAsync(Instancer, words, mayShowToken);

    /// <summary>Runs any program to its end, its input empty.</summary>
    public async Task<CommandResult> RunAsync(string file, string[] words, bool mayShowToken)
    {
        var process = Start(file, words, mayShowToken);
        process.Input.Close();
        var exitCode = await process.ExitAsync();
        return new CommandResult(exitCode, string.Join('\n', process.Output), string.Join('\n', process.Error));
    }

    /// <summary>The path of the built executable.</summary>
    public static string Instancer => Path.Combine(AppContext.BaseDirectory, "instancer");

    /// <summary>Ends what still runs, and sees that nothing is left and that no secret is where it may be seen.</summary>
    public async Task DisposeAsync(EngineApi? engine)
    {
        foreach (var (process, _) in _processes)
        {
            await process.DisposeAsync();
            _output.WriteLine($"--- process {process.Id}\n{string.Join('\n', process.Lines)}");
        }

        var processes = await LeftProcessesAsync();
        var containers = await LeftContainersAsync(engine);
        var files = StateFiles();
        System.IO.Directory.Delete(Directory, recursive: true);
        Assert.Empty(processes);
        Assert.Empty(containers);
        Secrets.AssertNoneIn([.. files, .. _processes.Where(process => !process.MayShowToken).SelectMany(process => process.Process.Lines)]);
    }

    // Their contents; the tokens file is the operator's.
    private List<string> StateFiles() =>
    [
        .. System.IO.Directory.EnumerateFiles(StateDirectory, "*", SearchOption.AllDirectories)
            .Where(file => file != TokensFile && !SecretFiles.Contains(Path.GetFileName(file)))
            .Select(File.ReadAllText),
    ];

    private async Task<List<string>> LeftProcessesAsync()
    {
        List<string> left = [];
        foreach (var (pid, command) in MarkedProcesses.Of(Name))
        {
            left.Add(command);
            using var process = System.Diagnostics.Process.GetProcessById(pid);
            process.Kill();
            await process.WaitForExitAsync();
        }

        return left;
    }

    private async Task<List<string>> LeftContainersAsync(EngineApi? engine)
    {
        List<string> left = [];
        if (engine is null)
        {
            return left;
        }

        foreach (var container in await engine.ContainersAsync("instancer.node=" + Name))
        {
            left.Add(container!.ToJsonString());
            await engine.RemoveAsync((string)container["Id"]!);
        }

        // The networks are the node's for good: the next start finds them.
        var filters = Uri.EscapeDataString(new JsonObject { ["label"] = new JsonArray("instancer.node=" + Name) }.ToJsonString());
        foreach (var network in (JsonArray)(await engine.SendAsync(HttpMethod.Get, "networks?filters=" + filters))!)
        {
            await RemoveNetworkAsync(engine, "networks/" + (string)network!["Id"]!);
        }

        return left;
    }

    // Where a container is removed while it starts, engine 20.10 sometimes goes on counting it: its network has nobody on it and cannot be removed.
    private static async Task RemoveNetworkAsync(EngineApi engine, string network)
    {
        try
        {
            await engine.SendAsync(HttpMethod.Delete, network, absentIsFine: true);
        }
        catch (InvalidOperationException e) when (e.Message.Contains("has active endpoints", StringComparison.Ordinal))
        {
            Assert.Empty((await engine.SendAsync(HttpMethod.Get, network))!["Containers"]!.AsObject());
        }
    }
}

/// <summary>How a command ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed as errors.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Error);
