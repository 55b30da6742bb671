using Microsoft.Extensions.Logging;

namespace Instancer.TestKit.Simulation;

/// <summary>Loggers that write each line to a trace.</summary>
public sealed class TraceLoggerFactory(Action<string> trace) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new TraceLogger(trace);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one place to write to.");

    public void Dispose()
    {
    }

    private sealed class TraceLogger(Action<string> trace) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => trace($"  {logLevel}: {formatter(state, exception)} {exception?.GetType().Name} {exception?.Message}");
    }
}
