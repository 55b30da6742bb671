using Xunit;

namespace Instancer.TestKit.Docker;

/// <summary>A real engine with the test images on it, for the tests of a collection.</summary>
public abstract class EngineFixture : IAsyncLifetime, IDisposable
{
    private EngineApi? _engine;

    public EngineApi Engine => _engine ?? throw new InvalidOperationException("The fixture has not started.");

    /// <summary>The engine's address as DOCKER_HOST takes it.</summary>
    public string Host => Engine.Host;

    public async Task InitializeAsync()
    {
        _engine = new EngineApi(await StartAsync());
        await TestImages.BuildAsync(_engine, ImportsHealthChecks);
    }

    /// <summary>Whether an image that is imported can have a health check.</summary>
    protected virtual bool ImportsHealthChecks => true;

    /// <inheritdoc/>
    public abstract Task DisposeAsync();

    public void Dispose()
    {
        _engine?.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the engine, if need be, and gives its address.</summary>
    protected abstract Task<string> StartAsync();
}
