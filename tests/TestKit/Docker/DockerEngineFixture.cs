using Xunit;

namespace Instancer.TestKit.Docker;

/// <summary>
/// A real engine with the test images on it: the one at DOCKER_HOST (or the default socket) if it answers, else a dockerd of its
/// own that goes with the fixture. One per test assembly, as a collection fixture.
/// </summary>
public sealed class DockerEngineFixture : IAsyncLifetime, IDisposable
{
    private DockerDaemon? _daemon;
    private EngineApi? _engine;

    public EngineApi Engine => _engine ?? throw new InvalidOperationException("The fixture has not started.");

    /// <summary>The engine's address as DOCKER_HOST takes it.</summary>
    public string Host => Engine.Host;

    public async Task InitializeAsync()
    {
        _engine = new EngineApi(EngineAtHand.Host);
        if (!EngineAtHand.Answers)
        {
            _engine.Dispose();
            _daemon = DockerDaemon.Obstacle is { } obstacle
                ? throw new InvalidOperationException($"The tests need a Docker engine: {obstacle}.")
                : await DockerDaemon.StartAsync();
            _engine = new EngineApi(_daemon.Host);
        }

        await TestImages.BuildAsync(_engine);
    }

    public async Task DisposeAsync()
    {
        if (_daemon is not null)
        {
            await _daemon.DisposeAsync();
        }
    }

    public void Dispose() => _engine?.Dispose();
}
