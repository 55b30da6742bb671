using System.Net;
using Instancer.Actors;
using Instancer.Containers.Docker;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer check</c>: what <c>serve</c> would do, without doing it.</summary>
internal static class CheckCommand
{
    /// <summary>Runs the command to its exit code: 0, or 2 if the configuration is wrong or a runtime or etcd cannot be reached.</summary>
    public static async Task<int> RunAsync(ConfigurationRequest request, CommandConsole console, CancellationToken cancellationToken)
    {
        if (!ConfigurationReader.Read(request).TryGet(out var configuration, out var errors))
        {
            return console.Refuse(errors);
        }

        var (node, settings) = (configuration.Node, configuration.Settings);
        console.Output.WriteLine($"configuration: {configuration.Source}");
        console.Output.WriteLine($"node: {node.Node}");
        foreach (var challenge in node.Challenges)
        {
            console.Output.WriteLine(
                $"challenge {challenge.Name}: {Address(node.Gateway.Listen, challenge.Port)}, runtime {challenge.Runtime}, {Scope(challenge)}");
            if (challenge.Template is DockerTemplate template)
            {
                WriteIsolation(template, console.Output);
            }
        }

        console.Output.WriteLine(settings.Admin is { } admin ? $"admin endpoint: {Address(admin.Listen.ToString(), admin.Port)}" : "admin endpoint: none");
        console.Output.WriteLine($"tokens: {settings.TokensFile}{(File.Exists(settings.TokensFile) ? "" : " (no such file yet)")}");
        var cluster = await ClusterCheck.RunAsync(settings.Cluster, console, cancellationToken).ConfigureAwait(false);
        return Math.Max(cluster, await ReachAsync(configuration, console, cancellationToken).ConfigureAwait(false));
    }

    private static void WriteIsolation(DockerTemplate template, TextWriter output)
    {
        foreach (var (name, container) in template.Containers)
        {
            var whose = name is null ? "" : $"container {name}: ";
            output.WriteLine($"  {whose}isolation: {IsolationText.Of(container, template.Egress)}");
            foreach (var warning in IsolationText.WarningsOf(container))
            {
                output.WriteLine($"  {whose}warning: {warning}");
            }
        }
    }

    private static async Task<int> ReachAsync(NodeConfiguration configuration, CommandConsole console, CancellationToken cancellationToken)
    {
        var runtimes = Runtimes.Create(configuration, TimeProvider.System, NullLoggerFactory.Instance);
        await using (runtimes.ConfigureAwait(false))
        {
            if (runtimes.Docker is not { } docker)
            {
                return ExitCode.Done;
            }

            switch (await docker.ProbeAsync(cancellationToken).ConfigureAwait(false))
            {
                case DockerProbe.Usable usable:
                    console.Output.WriteLine(
                        $"container engine: {usable.EngineVersion} (API {usable.ApiVersion}) at {usable.Endpoint}; "
                        + $"address auto is {usable.Auto.ToString().ToLowerInvariant()}: {usable.Reason}");
                    foreach (var warning in IsolationText.WarningsOf(configuration.Node.Challenges, usable))
                    {
                        console.Output.WriteLine($"warning: {warning}");
                    }

                    return ExitCode.Done;
                case DockerProbe.Unusable unusable:
                    return console.Fail(ExitCode.Usage, $"the container engine cannot be used: {unusable.Reason}");
                default:
                    throw new InvalidOperationException("An outcome without a case.");
            }
        }
    }

    private static string Address(string address, int port) => port == 0
        ? $"{address}, a port that the system chooses"
        : new IPEndPoint(IPAddress.Parse(address), port).ToString();

    private static string Scope(Challenge challenge) => challenge.Scope == ChallengeScope.Connection
        ? "an instance for every connection"
        : "an instance for every token and identifier";
}
