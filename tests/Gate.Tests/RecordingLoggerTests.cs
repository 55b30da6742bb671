using Instancer.TestKit;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tests;

/// <summary>The logger of these tests finds what was not to be logged.</summary>
public sealed class RecordingLoggerTests
{
    [Fact]
    public void A_secret_in_a_line_or_an_exception_is_found_at_the_end()
    {
        foreach (var cause in new[] { null, new InvalidOperationException("outside", new IOException("the password is sesame")) })
        {
            var log = new RecordingLogger();
            log.Hide("sesame");
            log.Log(LogLevel.Information, default, "nothing of it", exception: null, (text, _) => text);
            log.Log(LogLevel.Information, default, cause is null ? "sesame opens it" : "it failed", cause, (text, _) => text);
            Assert.Throws<InvalidOperationException>(log.Dispose);
        }

        using var quiet = new RecordingLogger();
        quiet.Hide("sesame");
        quiet.Log(LogLevel.Information, default, "nothing of it", exception: null, (text, _) => text);
    }
}
