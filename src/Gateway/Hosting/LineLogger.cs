using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>
/// Logs one line an event. Whoever logs never waits for the output: lines go through a bounded queue, and when whoever reads it is
/// too slow, lines are dropped and their number is logged.
/// </summary>
internal sealed class LineLoggerProvider : ILoggerProvider, IAsyncDisposable
{
    private const int QueueLength = 8192;

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly LogLevel _least;
    private readonly Task _writing;
    private long _dropped;

    /// <param name="output">Where lines go; not disposed.</param>
    /// <param name="time">The clock of the time stamps.</param>
    /// <param name="least">The level below which nothing is logged.</param>
    public LineLoggerProvider(TextWriter output, TimeProvider time, LogLevel least)
    {
        (_output, _time, _least) = (output, time, least);
        _writing = Task.Run(WriteAsync);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName)
    {
        // The framework tells of every HTTP connection; nobody who runs this asks for that.
        var least = categoryName.StartsWith("Microsoft.", StringComparison.Ordinal) && _least < LogLevel.Warning ? LogLevel.Warning : _least;
        return new LineLogger(this, least, categoryName[(categoryName.LastIndexOf('.') + 1)..]);
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Writer.TryComplete();

    /// <summary>Writes what is queued, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _writing.ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        await foreach (var line in _lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await _output.WriteLineAsync(line).ConfigureAwait(false);
                if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                {
                    await _output.WriteLineAsync(Format(LogLevel.Warning, "Log", $"{dropped} lines were dropped here.", null)).ConfigureAwait(false);
                }
            }
            catch (IOException)
            {
                // Whoever read the log has gone; serving goes on without it.
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    private void Write(string line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _dropped);
        }
    }

    private string Format(LogLevel level, string category, string message, Exception? exception)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{_time.GetUtcNow().UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {Word(level)} {category}: {message}");
        if (exception is not null)
        {
            line.Append(' ').Append(exception);
        }

        return line.Replace("\r", "").Replace("\n", "\\n").ToString();
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "error",
        _ => "fatal",
    };

    private sealed class LineLogger(LineLoggerProvider provider, LogLevel least, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(provider.Format(logLevel, category, formatter(state, exception), exception));
            }
        }
    }
}
