using Instancer.Gateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Tests.Hosting;

public sealed class LineLoggerTests
{
    private static readonly Action<ILogger, string, Exception?> Warn =
        LoggerMessage.Define<string>(LogLevel.Warning, new EventId(1), "It is {What}.");

    private static readonly Action<ILogger, Exception?> Whisper = LoggerMessage.Define(LogLevel.Debug, new EventId(2), "whisper");

    [Fact]
    public async Task An_event_is_one_line_whatever_is_in_it()
    {
        var lines = await LogAsync(logger =>
        {
            Warn(logger, "one\r\ntwo", null);
            Warn(logger, "thrown", new InvalidOperationException("a\nb"));
            Whisper(logger, null);
        });
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn  Node: It is one\\ntwo\.$", lines[0]);
        Assert.EndsWith("It is thrown. System.InvalidOperationException: a\\nb", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_framework_is_quiet_below_a_warning()
    {
        var output = new StringWriter();
        var provider = new LineLoggerProvider(output, TimeProvider.System, LogLevel.Debug);
        Assert.False(provider.CreateLogger("Microsoft.AspNetCore.X").IsEnabled(LogLevel.Information));
        Assert.True(provider.CreateLogger("Microsoft.AspNetCore.X").IsEnabled(LogLevel.Warning));
        Assert.True(provider.CreateLogger("Instancer.X").IsEnabled(LogLevel.Debug));
        await provider.DisposeAsync();
    }

    private static async Task<string[]> LogAsync(Action<ILogger> log)
    {
        var output = new StringWriter { NewLine = "\n" };
        var provider = new LineLoggerProvider(output, TimeProvider.System, LogLevel.Information);
        log(provider.CreateLogger("Instancer.Gateway.Hosting.Node"));
        await provider.DisposeAsync();
        return output.ToString().TrimEnd('\n').Split('\n');
    }
}
