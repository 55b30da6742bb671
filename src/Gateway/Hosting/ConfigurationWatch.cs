using Instancer.Gateway.Configuration;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>
/// Looks at the configuration's file every second, and has what can change while the node runs take effect. A file with errors, or none, changes nothing.
/// </summary>
internal sealed class ConfigurationWatch : IAsyncDisposable
{
    private const int MostNamed = 5;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ConfigurationRequest _request;
    private readonly string _path;
    private readonly NodeConfiguration _started;
    private readonly Action<GateSettings> _apply;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _polling;
    private byte[]? _seen;
    private IReadOnlyDictionary<string, string?> _written;
    private IReadOnlyList<string> _errors = [];
    private string _reported = "";

    private ConfigurationWatch(ConfigurationRequest request, NodeConfiguration started, Action<GateSettings> apply, TimeProvider time, ILogger logger)
    {
        (_started, _written, _apply, _logger) = (started, started.Written, apply, logger);
        _request = request with { File = started.Source };
        _path = Path.Combine(request.WorkingDirectory, started.Source);
        _timer = new PeriodicTimer(Interval, time);
        _polling = started.IsEmbedded ? Task.CompletedTask : Task.Run(PollAsync);
    }

    /// <summary>Starts to look, if there is a file to look at.</summary>
    /// <param name="request">What the configuration was read from.</param>
    /// <param name="started">What the node was started with.</param>
    /// <param name="apply">Has a change take effect; called one at a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears of changes, and of errors.</param>
    public static ConfigurationWatch Start(
        ConfigurationRequest request, NodeConfiguration started, Action<GateSettings> apply, TimeProvider time, ILogger logger)
        => new(request, started, apply, time, logger);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _polling.ConfigureAwait(false);
    }

    private async Task PollAsync()
    {
        // What the file was when the node read it is not known any more: the first look takes it up again, which changes nothing if nothing has changed.
        do
        {
            Poll();
        }
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false));
    }

    private void Poll()
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _seen = null;
            Report(() => LogMessages.ConfigurationUnreadable(_logger, _started.Source, e.Message.ReplaceLineEndings(" ")), e.Message);
            return;
        }

        var isSame = _seen is not null && bytes.AsSpan().SequenceEqual(_seen);
        if (isSame && _errors.Count == 0)
        {
            return;
        }

        // What was wrong may be a file that this one names, and be mended without a change here.
        _seen = bytes;
        Take(ConfigurationReader.Read(_request));
        if (isSame)
        {
            ReportErrors();
        }
    }

    private void Take(ConfigurationOutcome outcome)
    {
        if (!outcome.TryGet(out var changed, out var errors))
        {
            _errors = errors;
            return;
        }

        _errors = [];

        var fixedOnes = Differences(_started.Written, changed.Written).Where(path => !GateSettings.MayChange(path)).Order(StringComparer.Ordinal).ToList();
        if (fixedOnes.Count > 0)
        {
            var named = string.Join(", ", fixedOnes.Take(MostNamed)) + (fixedOnes.Count > MostNamed ? ", ..." : "");
            Report(() => LogMessages.ConfigurationTakesRestart(_logger, _started.Source, named), named);
        }

        _apply(changed.Gate);
        if (Differences(_written, changed.Written).Any())
        {
            _written = changed.Written;
            LogMessages.ConfigurationChanged(_logger, _started.Source);
        }

        if (fixedOnes.Count == 0)
        {
            _reported = "";
        }
    }

    // Only once it has stayed as it is for a second: a file that is just being written may be anything.
    private void ReportErrors()
    {
        if (_errors is [var first, ..])
        {
            Report(() => LogMessages.ConfigurationRefused(_logger, _started.Source, first, _errors.Count - 1), string.Join('\n', _errors));
        }
    }

    private static IEnumerable<string> Differences(IReadOnlyDictionary<string, string?> before, IReadOnlyDictionary<string, string?> after)
        => before.Keys.Union(after.Keys, StringComparer.OrdinalIgnoreCase).Where(path => before.GetValueOrDefault(path) != after.GetValueOrDefault(path));

    // The same once only.
    private void Report(Action log, string what)
    {
        if (_reported != what)
        {
            _reported = what;
            log();
        }
    }
}
