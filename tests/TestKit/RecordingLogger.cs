using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Instancer.TestKit;

/// <summary>One logged line.</summary>
public sealed record LogLine(LogLevel Level, EventId Id, string Text, Exception? Exception);

/// <summary>A logger that keeps what is logged, for a test to look at.</summary>
public sealed class RecordingLogger : ILogger, ILoggerFactory
{
    private readonly ConcurrentQueue<LogLine> _lines = new();

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>The texts of the lines with one event id.</summary>
    public IReadOnlyList<LogLine> Of(int eventId) => [.. _lines.Where(line => line.Id.Id == eventId)];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _lines.Enqueue(new LogLine(logLevel, eventId, formatter(state, exception), exception));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one place to write to.");

    public void Dispose()
    {
    }
}
