using Instancer.Actors;
using Instancer.Gate.Files;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Tokens;

namespace Instancer.Gateway.Hosting;

/// <summary>The token that the first run makes, so that there is something to connect with.</summary>
internal static class DevelopmentToken
{
    private const string ClientName = "dev";

    /// <summary>The file that it is kept in.</summary>
    public static string PathOf(OperatorSettings settings) => Path.Combine(settings.StateDirectory, "dev-token");

    /// <summary>
    /// Makes one if nobody named a configuration and there is no tokens file; the latter then accepts it. Whether it did. One of several nodes makes none: they may share the
    /// file, and start at once.
    /// </summary>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static bool MakeOnFirstRun(NodeConfiguration configuration)
    {
        if (!configuration.IsDefault || configuration.Settings.Cluster is not null || File.Exists(configuration.Settings.TokensFile))
        {
            return false;
        }

        var token = TokenText.New();
        SecretFile.Replace(PathOf(configuration.Settings), token);
        return TokensFileEditor.TryAdd(configuration.Settings.TokensFile, ClientName, TokenHash.Of(token));
    }
}
