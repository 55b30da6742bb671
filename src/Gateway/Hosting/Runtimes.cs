using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.Containers.Process;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>The runtimes that the challenges name. One that none names is not touched.</summary>
internal sealed class Runtimes : IAsyncDisposable
{
    private readonly CancellationTokenSource _disposing = new();
    private readonly ILogger _logger;
    private Task _probing = Task.CompletedTask;

    private Runtimes(ILogger logger)
    {
        _logger = logger;
    }

    /// <summary>All of them.</summary>
    public List<IInstanceRuntime> All { get; } = [];

    /// <summary>The one that talks to a container engine, if it is needed.</summary>
    public DockerRuntime? Docker => All.OfType<DockerRuntime>().FirstOrDefault();

    /// <summary>Makes the runtimes; nothing is started or asked yet.</summary>
    public static Runtimes Create(NodeConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        var runtimes = new Runtimes(loggers.CreateLogger<Runtimes>());
        var names = configuration.Node.Challenges.Select(challenge => challenge.Runtime).ToHashSet();
        if (names.Contains(TemplateReader.Process))
        {
            var options = new ProcessRuntimeOptions { StateDirectory = configuration.Settings.StateDirectory };
            runtimes.All.Add(new ProcessRuntime(options, time, loggers.CreateLogger<ProcessRuntime>()));
        }

        if (names.Contains(TemplateReader.Docker))
        {
            var options = DockerRuntimeOptions.FromEnvironment(configuration.Node.Node) with { NamespaceObstacle = Transport.NamespaceObstacle() };
            runtimes.All.Add(new DockerRuntime(options, time, loggers.CreateLogger<DockerRuntime>()));
        }

        return runtimes;
    }

    /// <summary>Looks at the container engine, beside everything else, and logs what it found: clients need not wait for it.</summary>
    public void BeginProbe()
    {
        if (Docker is { } docker)
        {
            _probing = ProbeAsync(docker);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _probing.ConfigureAwait(false);
        foreach (var runtime in All.OfType<IAsyncDisposable>())
        {
            await runtime.DisposeAsync().ConfigureAwait(false);
        }

        _disposing.Dispose();
    }

    private async Task ProbeAsync(DockerRuntime docker)
    {
        try
        {
            switch (await docker.ProbeAsync(_disposing.Token).ConfigureAwait(false))
            {
                case DockerProbe.Usable usable:
                    var address = usable.Auto.ToString().ToLowerInvariant();
                    LogMessages.EngineUsable(_logger, usable.Endpoint, usable.EngineVersion, usable.ApiVersion, address, usable.Reason);
                    break;
                case DockerProbe.Unusable unusable:
                    LogMessages.EngineUnusable(_logger, unusable.Reason);
                    break;
                default:
                    throw new InvalidOperationException("An outcome without a case.");
            }
        }
        catch (OperationCanceledException) when (_disposing.IsCancellationRequested)
        {
            // The node stops before the engine answered; nobody wants to know any more.
            return;
        }
    }
}
