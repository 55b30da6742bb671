using Microsoft.Extensions.Logging;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>Loggers of one host: each line begins with its name.</summary>
internal sealed class HostTrace(ILoggerFactory loggers, string host) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new Named(loggers.CreateLogger(categoryName), host);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one place to write to.");

    public void Dispose()
    {
    }

    private sealed class Named(ILogger logger, string host) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => logger.Log(logLevel, eventId, state, exception, (value, cause) => $"{host}: {formatter(value, cause)}");
    }
}
