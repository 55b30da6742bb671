using System.Globalization;
using System.Net.Security;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Net.Tls;

/// <summary>
/// The certificate of a listener, from two files that are looked at every second. One that is bad, or does not fit the other, changes nothing: what was read before stays. A new one is for new
/// handshakes; connections that are there live on.
/// </summary>
internal sealed class TlsCertificates : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TlsPair _pair;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _polling;

    private volatile SslStreamCertificateContext _current;
    private byte[] _digest;
    private string? _reportedProblem;

    private TlsCertificates(TlsPair pair, TlsPair.Contents first, TimeProvider time, ILogger logger)
    {
        (_pair, _logger) = (pair, logger);
        (_current, _digest) = (first.Context, first.Digest);
        NoteLoaded();
        _timer = new PeriodicTimer(Interval, time);
        _polling = Task.Run(PollAsync);
    }

    /// <summary>What a new handshake uses.</summary>
    public SslStreamCertificateContext Current => _current;

    /// <summary>Reads the two files, and keeps up with them from here on.</summary>
    /// <param name="certificatePath">The certificate, and after it those that lead from it to a root, in PEM form.</param>
    /// <param name="keyPath">Its private key in PEM form, not encrypted; a file that is not open to others.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where changes and problems are said.</param>
    /// <param name="problem">Which file is wrong, and what is, in one line.</param>
    /// <returns>Null if there is a problem.</returns>
    public static TlsCertificates? Open(string certificatePath, string keyPath, TimeProvider time, ILogger logger, out string? problem)
    {
        var pair = new TlsPair(certificatePath, keyPath);
        var contents = pair.Read(seen: [], out problem);
        return contents is null ? null : new TlsCertificates(pair, contents, time, logger);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _polling.ConfigureAwait(false);
    }

    private async Task PollAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            Poll();
        }
    }

    private void Poll()
    {
        if (_pair.Read(_digest, out var problem) is { } contents)
        {
            (_current, _digest, _reportedProblem) = (contents.Context, contents.Digest, null);
            NoteLoaded();
        }
        else if (problem != _reportedProblem)
        {
            _reportedProblem = problem;
            if (problem is not null)
            {
                TlsLog.NotLoaded(_logger, problem);
            }
        }
    }

    private void NoteLoaded() => TlsLog.Loaded(
        _logger, _pair.CertificatePath, _current.TargetCertificate.Subject, _current.TargetCertificate.NotAfter.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture));
}
