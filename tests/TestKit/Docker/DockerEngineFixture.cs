namespace Instancer.TestKit.Docker;

/// <summary>
/// The docker engine at DOCKER_HOST (or the default socket) if it answers, else a dockerd of its own that goes with the fixture. One per
/// test assembly, as a collection fixture.
/// </summary>
public sealed class DockerEngineFixture : EngineFixture
{
    private DockerDaemon? _daemon;

    /// <inheritdoc/>
    protected override async Task<string> StartAsync()
    {
        if (EngineAtHand.Answers)
        {
            return EngineAtHand.Host;
        }

        _daemon = DockerDaemon.Obstacle is { } obstacle
            ? throw new InvalidOperationException($"The tests need a Docker engine: {obstacle}.")
            : await DockerDaemon.StartAsync();
        return _daemon.Host;
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
    }
}
