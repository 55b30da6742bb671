using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>A logger factory with one provider: what the framework's own would do here, without its filters, options and start-up time.</summary>
internal sealed class LineLoggerFactory(LineLoggerProvider provider) : ILoggerFactory
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => provider.CreateLogger(categoryName);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one provider.");

    /// <inheritdoc/>
    public void Dispose() => provider.Dispose();
}
