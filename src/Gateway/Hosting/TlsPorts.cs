using Instancer.Actors.Connections;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Net.Tls;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>The challenges that speak TLS: their certificates, and the ports on which the name that a client asks for tells which it wants.</summary>
internal sealed class TlsPorts : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, TlsSettings> _settings;
    private readonly Dictionary<string, TlsCertificates> _certificates;

    private TlsPorts(IReadOnlyDictionary<string, TlsSettings> settings, Dictionary<string, TlsCertificates> certificates)
        => (_settings, _certificates) = (settings, certificates);

    /// <summary>Reads the certificates; an error is one line.</summary>
    public static async Task<(TlsPorts? Ports, string? Error)> OpenAsync(NodeConfiguration configuration, TimeProvider time, ILogger logger)
    {
        var ports = new TlsPorts(configuration.Tls, []);
        foreach (var (challenge, tls) in configuration.Tls)
        {
            if (TlsCertificates.Open(tls.Certificate, tls.Key, time, logger, out var problem) is not { } certificates)
            {
                await ports.DisposeAsync().ConfigureAwait(false);
                return (null, $"challenge {challenge}: {problem}");
            }

            ports._certificates.Add(challenge, certificates);
        }

        return (ports, null);
    }

    /// <summary>The listeners with TLS where there is to be, and what stands in front of each challenge.</summary>
    /// <param name="listeners">By their challenges' names; taken over.</param>
    /// <param name="gate">What stands in front.</param>
    /// <param name="options">The limits of handshakes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where what goes wrong is said.</param>
    public IReadOnlyDictionary<string, IListener> InFront(
        IReadOnlyDictionary<string, IListener> listeners, GateHost gate, SniOptions options, TimeProvider time, ILogger logger)
    {
        Dictionary<string, IListener> result = [];
        foreach (var port in listeners.GroupBy(listener => listener.Value, listener => listener.Key))
        {
            string[] challenges = [.. port];
            if (!_settings.ContainsKey(challenges[0]))
            {
                result.Add(challenges[0], gate.InFront(challenges[0], port.Key));
                continue;
            }

            var names = NamesOf(challenges);
            var before = gate.BeforeHandshake(challenges);
            var shared = new SniListener(port.Key, challenges, () => names, challenge => _certificates[challenge], options, time, logger)
            {
                Before = before.PassBelowAsync,
            };
            foreach (var challenge in challenges)
            {
                result.Add(challenge, gate.BehindHandshake(challenge, shared.Of(challenge), isShared: challenges.Length > 1));
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var certificates in _certificates.Values)
        {
            await certificates.DisposeAsync().ConfigureAwait(false);
        }
    }

    // Whoever asks for none of the names gets the challenge that has none, if there is one.
    private TlsNames NamesOf(string[] challenges)
    {
        var names = challenges.SelectMany(challenge => _settings[challenge].Names.Select(name => (name, challenge)));
        var fallback = Array.Find(challenges, challenge => _settings[challenge].Names.Count == 0);
        return TlsNames.TryCreate(names, fallback, out var result, out var problem) ? result : throw new ArgumentException(problem);
    }
}
