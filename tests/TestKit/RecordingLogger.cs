using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Instancer.TestKit;

/// <summary>One logged line.</summary>
public sealed record LogLine(LogLevel Level, EventId Id, string Text, Exception? Exception);

/// <summary>A logger that keeps what is logged, for a test to look at. Its end sees that no secret was logged which the test has named.</summary>
public sealed class RecordingLogger : ILogger, ILoggerFactory
{
    private readonly ConcurrentQueue<LogLine> _lines = new();
    private readonly ConcurrentBag<string> _secrets = [];

    public IReadOnlyList<LogLine> Lines => [.. _lines];

    /// <summary>The texts of the lines with one event id.</summary>
    public IReadOnlyList<LogLine> Of(int eventId) => [.. _lines.Where(line => line.Id.Id == eventId)];

    /// <summary>Names what may be in no line and no exception.</summary>
    public void Hide(string secret) => _secrets.Add(secret);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => _lines.Enqueue(new LogLine(logLevel, eventId, formatter(state, exception), exception));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("There is one place to write to.");

    /// <exception cref="InvalidOperationException">A secret was logged.</exception>
    public void Dispose()
    {
        if (_lines.FirstOrDefault(line => _secrets.Any(secret => line.Text.Contains(secret, StringComparison.Ordinal) || $"{line.Exception}".Contains(secret, StringComparison.Ordinal))) is { } shown)
        {
            throw new InvalidOperationException($"A secret was logged with event {shown.Id}: {shown.Text} {shown.Exception}");
        }
    }
}
