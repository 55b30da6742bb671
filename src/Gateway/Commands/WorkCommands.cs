using System.CommandLine;
using Instancer.Gate.Work;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer pow solve CHALLENGE</c>: solves a proof of work, Instancer's or anybody's who asks for the same.</summary>
internal static class WorkCommands
{
    private const string FromInput = "-";

    /// <summary>The commands.</summary>
    public static Command Command(CommandConsole console)
    {
        var challenge = new Argument<string>("CHALLENGE") { Description = "The challenge, such as s.AAATiA==.gE2ABTgfoEQ4ZXLHVzk3Eg==; - reads it from stdin." };
        var solve = new Command("solve", "Print the solution of a proof of work. Takes about half a millisecond for each point of difficulty.") { challenge };
        solve.SetAction((result, cancellationToken) => SolveAsync(result.GetRequiredValue(challenge), console, cancellationToken));
        return new Command("pow", "Solve what a gateway asks for before a connection.") { solve };
    }

    private static async Task<int> SolveAsync(string text, CommandConsole console, CancellationToken cancellationToken)
    {
        text = text == FromInput ? await Console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "" : text;
        if (!WorkCodec.TryParseChallenge(text, out var challenge))
        {
            return console.Fail(ExitCode.Usage, $"{ConfigurationErrors.Show(text)} is not a challenge; allowed: s.DIFFICULTY.START, both in base64");
        }

        console.Output.WriteLine(await new WorkSolver(console.Error, TimeProvider.System).SolveAsync(challenge, cancellationToken).ConfigureAwait(false));
        return ExitCode.Done;
    }
}
