namespace Instancer.Gateway.Commands;

/// <summary>Where a command prints: results to one side, errors of one line each to the other.</summary>
/// <param name="Output">Results.</param>
/// <param name="Error">Errors, and what is not part of a result.</param>
internal sealed record CommandConsole(TextWriter Output, TextWriter Error)
{
    /// <summary>The process's own.</summary>
    public static CommandConsole Process => new(Console.Out, Console.Error);

    /// <summary>Reports an error and gives the exit code that goes with it.</summary>
    public int Fail(int exitCode, string error)
    {
        Error.WriteLine($"instancer: {error.ReplaceLineEndings(" ")}");
        return exitCode;
    }

    /// <summary>Reports what is wrong with a configuration.</summary>
    public int Refuse(IEnumerable<string> errors)
    {
        foreach (var error in errors)
        {
            Fail(ExitCode.Usage, error);
        }

        return ExitCode.Usage;
    }
}
