namespace Instancer.TestKit.Docker;

/// <summary>A podman of its own that goes with the fixture. One per test assembly, as a collection fixture.</summary>
public sealed class PodmanFixture : EngineFixture
{
    private PodmanService? _service;

    /// <inheritdoc/>
    protected override bool ImportsHealthChecks => false;

    /// <inheritdoc/>
    protected override async Task<string> StartAsync()
    {
        _service = PodmanService.Obstacle is { } obstacle
            ? throw new InvalidOperationException($"The tests need a podman: {obstacle}.")
            : await PodmanService.StartAsync();
        return _service.Host;
    }

    /// <inheritdoc/>
    public override async Task DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }
    }
}
