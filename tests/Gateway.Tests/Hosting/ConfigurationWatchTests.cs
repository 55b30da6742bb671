using System.Collections.Concurrent;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Hosting;
using Instancer.Gateway.Tests.Configuration;
using Instancer.Gateway.Tests.Net.Tls;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Hosting;

/// <summary>The configuration's file as a running node looks at it.</summary>
public sealed class ConfigurationWatchTests : IAsyncLifetime
{
    private const int Changed = 3030;
    private const int Refused = 3031;
    private const int TakesRestart = 3032;
    private const int Unreadable = 3033;

    private readonly ConfigurationFile _file = new(WithRate(1));
    private readonly ConcurrentQueue<GateSettings> _applied = new();
    private readonly RecordingLogger _log = new();
    private readonly ConfigurationWatch _watch;

    public ConfigurationWatchTests()
    {
        var started = Assert.IsType<ConfigurationOutcome.Loaded>(ConfigurationReader.Read(_file.Request)).Configuration;
        _watch = ConfigurationWatch.Start(_file.Request, started, _applied.Enqueue, TimeProvider.System, _log);
    }

    [Fact]
    public async Task A_change_counts()
    {
        Write(WithRate(2));
        await Eventually.TrueAsync(() => Rate() == 2, "the new rate counts");
        await Eventually.TrueAsync(() => _log.Of(Changed).Count == 1, "it is said");
        Assert.Empty(_log.Of(TakesRestart));
    }

    [Fact]
    public async Task A_bad_file_changes_nothing_and_one_line_says_what_and_where()
    {
        Write(WithRate(2));
        await Eventually.TrueAsync(() => Rate() == 2, "the new rate counts");
        Write(WithRate(0).Replace("preambleTimeout", "preambleTimeuot", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => _log.Of(Refused).Count > 0, "it is said that the file is bad");
        var line = Assert.Single(_log.Of(Refused)).Text;
        Assert.Contains("instancer.", line, StringComparison.Ordinal);
        Assert.Contains(_file.Path, line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.Equal(2, Rate());
        Write("{ nonsense");
        await Eventually.TrueAsync(() => _log.Of(Refused).Count == 2, "it is said that the file is no configuration");
        Write(WithRate(3));
        await Eventually.TrueAsync(() => Rate() == 3, "a good file counts again");
    }

    [Fact]
    public async Task What_was_wrong_with_a_file_that_it_names_may_be_mended_there()
    {
        await using var files = new CertificateFiles();
        var key = File.ReadAllText(files.KeyPath);
        files.WriteKey("no key");
        Write(WithRate(6).Replace("\"sample\": {", $$""" "sample": { "tls": { "certificate": "{{files.CertificatePath}}", "key": "{{files.KeyPath}}" }, """, StringComparison.Ordinal));
        await Eventually.TrueAsync(() => _log.Of(Refused).Count == 1, "it is said that the key is none");

        files.WriteKey(key);

        await Eventually.TrueAsync(() => Rate() == 6, "the new rate counts");
    }

    [Fact]
    public async Task What_needs_a_restart_is_named_and_the_rest_counts()
    {
        Write(WithRate(4).Replace("12345", "12399", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Rate() == 4, "the new rate counts");
        await Eventually.TrueAsync(() => _log.Of(TakesRestart).Count == 1, "it is said");
        Assert.EndsWith("instancer.challenges.sample.port.", _log.Of(TakesRestart)[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_gone_changes_nothing_and_counts_when_it_is_there_again()
    {
        File.Delete(_file.Path);
        await Eventually.TrueAsync(() => _log.Of(Unreadable).Count == 1, "it is said");
        Write(WithRate(5));
        await Eventually.TrueAsync(() => Rate() == 5, "the new file counts");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _watch.DisposeAsync();
        _file.Dispose();
    }

    private static string WithRate(int rate) =>
        ConfigurationFile.WithSample($$""" "gateway": { "preambleTimeout": "00:00:05" }, "rates": { "perSecond": {{rate}} }, """);

    private int? Rate() => _applied.LastOrDefault()?.Challenges["sample"].Entry.Rates.PerAddress.PerSecond;

    private void Write(string json) => File.WriteAllText(_file.Path, json);
}
