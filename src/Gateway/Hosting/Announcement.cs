using System.Text;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Hosting;

/// <summary>What <c>serve</c> prints once clients can come: where to, and the exact line that connects.</summary>
internal static class Announcement
{
    /// <summary>The text, with a line end.</summary>
    public static string Of(NodeConfiguration configuration, IReadOnlyDictionary<string, IListener> listeners, string? adminAddress)
    {
        var text = new StringBuilder();
        foreach (var challenge in configuration.Node.Challenges)
        {
            text.Append($"challenge {challenge.Name} listens on {listeners[challenge.Name].LocalAddress}\n");
        }

        if (adminAddress is not null)
        {
            text.Append($"admin endpoint listens on {adminAddress}\n");
        }

        var first = configuration.Node.Challenges.FirstOrDefault(challenge => challenge.Scope == ChallengeScope.Identifier);
        if (first is not null)
        {
            var developmentToken = DevelopmentToken.PathOf(configuration.Settings);
            var tokenFile = File.Exists(developmentToken) ? developmentToken : "TOKEN_FILE";
            text.Append($"connect with:\n  {Program()} connect {Reachable(listeners[first.Name].LocalAddress)} --token-file {tokenFile}\n");
        }

        return text.ToString();
    }

    // What to type in front of a command's words to run this very program.
    private static string Program()
    {
        var project = Path.Combine("src", "Gateway");
        if (File.Exists(Path.Combine(project, "Gateway.csproj")))
        {
            return "dotnet run --project src/Gateway --";
        }

        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return paths.Any(path => Path.Combine(path, "instancer") == Environment.ProcessPath)
            ? "instancer"
            : Environment.ProcessPath ?? "instancer";
    }

    // Nobody connects to "any address".
    private static string Reachable(string address) => address
        .Replace("0.0.0.0:", "127.0.0.1:", StringComparison.Ordinal)
        .Replace("[::]:", "[::1]:", StringComparison.Ordinal);
}
