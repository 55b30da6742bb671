using System.CommandLine;
using System.CommandLine.Invocation;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Hosting;

namespace Instancer.Gateway.Commands;

/// <summary>The command line: which commands there are, what they take, and what runs them.</summary>
internal sealed class CommandTree
{
    private readonly CommandConsole _console;
    private readonly Option<string?> _config = new("--config")
    {
        Description = "The configuration file. Default: hocon/single-node.conf if it is there, else the embedded default.",
        HelpName = "F",
        Recursive = true,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Overrides an option, such as --set gateway.listen=0.0.0.0. May be given many times.",
        HelpName = "PATH=VALUE",
        Recursive = true,
    };

    private readonly Option<bool> _verbose = new("--verbose") { Description = "Log more.", Recursive = true };
    private readonly RootCommand _root = new("A client connects and gets its own server. Without a command: serve.");

    /// <param name="console">Where commands print.</param>
    public CommandTree(CommandConsole console)
    {
        _console = console;
        _root.Add(_config);
        _root.Add(_set);
        _root.Add(_verbose);
        _root.SetAction(ServeAsync);
        var serve = new Command("serve", "Run a node.");
        serve.SetAction(ServeAsync);
        _root.Add(serve);
        var check = new Command("check", "Check the configuration, reach the runtimes and etcd, and say what would listen where.");
        check.SetAction((result, cancel) => CheckCommand.RunAsync(Request(result), _console, cancel));
        _root.Add(check);
        _root.Add(ConnectOptions.Command(_console));
        _root.Add(WorkCommands.Command(_console));
        _root.Add(TokenCommands.Command(_console, Request));
        _root.Add(InstancesCommands.Command(_console, Request));
        _root.Add(BansCommands.Command(_console, Request));
        _root.Add(NodesCommands.Command(_console, Request));
        _root.Add(NodesCommands.Drain(_console, Request));
        _root.Add(FlagCommand.Command(_console, Request));
        _root.Add(SampleChallengeOptions.Command(_console));
    }

    /// <summary>Runs what the words ask for, to its exit code.</summary>
    public async Task<int> RunAsync(IReadOnlyList<string> words)
    {
        var result = _root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is ParseErrorAction)
        {
            return _console.Fail(ExitCode.Usage, $"{result.Errors[0].Message} Try instancer --help.");
        }

        // No handling of signals and exceptions by the library: serve has its own, and a bug is to be seen as one.
        var invocation = new InvocationConfiguration
        {
            Output = _console.Output,
            Error = _console.Error,
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        try
        {
            return await result.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return _console.Fail(ExitCode.Failed, e.Message);
        }
    }

    private Task<int> ServeAsync(ParseResult result, CancellationToken cancellationToken) =>
        ServeCommand.RunAsync(Request(result), result.GetValue(_verbose), _console);

    private ConfigurationRequest Request(ParseResult result) => new()
    {
        File = result.GetValue(_config),
        Overrides = result.GetValue(_set) ?? [],
        WorkingDirectory = Environment.CurrentDirectory,
        Environment = EnvironmentVariables.All(),
        HostMemory = new HostMemoryProbe().Read().Total,
    };
}
