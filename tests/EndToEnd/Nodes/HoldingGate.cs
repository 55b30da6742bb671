namespace Instancer.EndToEnd.Nodes;

/// <summary>
/// A backend that writes its process id down and then waits for a file before it listens: a start that takes as long as the test wants,
/// and a count of the starts.
/// </summary>
internal sealed class HoldingGate(NodeHome home)
{
    private readonly string _file = Path.Combine(home.Directory, "gate");
    private readonly string _starts = Path.Combine(home.Directory, "starts");

    /// <summary>The process ids of all starts, oldest first.</summary>
    public IReadOnlyList<string> Starts => File.Exists(_starts) ? File.ReadAllLines(_starts) : [];

    /// <summary>The tests' backend behind the gate.</summary>
    public HoldingGate Serve(string name, int ports, string server = "\"$2\" \"$1\"")
    {
        var challenge = Challenges.Shell(
            $"""
            echo $$ >>'{_starts}'
            until [ -e '{_file}' ] || [ -e '{_file}'.$$ ]; do sleep 0.1; done
            exec {server}
            """);
        home.Serve(name, challenge, ports);
        return this;
    }

    /// <summary>Lets one start go on.</summary>
    public void Open(string start) => File.WriteAllText($"{_file}.{start}", "");

    /// <summary>Lets all starts go on.</summary>
    public void Open() => File.WriteAllText(_file, "");
}
