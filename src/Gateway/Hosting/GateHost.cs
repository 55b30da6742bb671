using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Net.Tls;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>What stands between strangers and the instances: a node's bans, its checking of proofs of work, and what stands in front of each challenge. Its settings can change while the node runs.</summary>
internal sealed class GateHost : IChallengeLimits, IAsyncDisposable
{
    private readonly FrozenDictionary<string, ChallengeEntry> _entries;
    private readonly WorkDesk _desk;
    private readonly TimeSpan _headerTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile FrozenDictionary<string, ChallengeGate> _gates;
    private volatile GateSettings _settings;

    private GateHost(NodeConfiguration configuration, TimeProvider time, ILoggerFactory loggers)
    {
        (_time, _logger) = (time, loggers.CreateLogger("Instancer.Gate"));
        _settings = configuration.Gate;
        _gates = configuration.Gate.Challenges.ToFrozenDictionary();
        _headerTimeout = configuration.Node.Gateway.PreambleTimeout;
        Bans = BanList.Open(Path.Combine(configuration.Settings.StateDirectory, "bans.json"), () => _settings.Bans, time, _logger);
        _desk = new WorkDesk(() => new WorkDeskOptions { Share = _settings.WorkCpu }, time);
        var dialogue = new WorkDialogue(_desk, time);
        _entries = configuration.Node.Challenges.ToFrozenDictionary(
            challenge => challenge.Name,
            challenge => new ChallengeEntry(() => _gates[challenge.Name].Entry, Bans, dialogue, time, loggers));
    }

    /// <summary>The node's bans.</summary>
    public BanList Bans { get; }

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">The file of the bans cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static GateHost Open(NodeConfiguration configuration, TimeProvider time, ILoggerFactory loggers) => new(configuration, time, loggers);

    /// <summary>Has other settings count from now on. A challenge that is not among them keeps what it has.</summary>
    public void Apply(GateSettings settings)
    {
        _settings = settings;
        _gates = _gates.ToFrozenDictionary(gate => gate.Key, gate => settings.Challenges.GetValueOrDefault(gate.Key) ?? gate.Value);
    }

    /// <inheritdoc/>
    public ChallengeLimits Of(string challenge) => _gates[challenge].Limits;

    /// <summary>A challenge's listener with what stands in front.</summary>
    public IListener InFront(string challenge, IListener listener)
        => InFront(listener, new EntrySteps(_entries[challenge].Parts, new ProxyComplaints(_logger, _time)));

    /// <summary>What comes before a TLS handshake: the proxies' headers; and, since a handshake costs more than all that is before it, who may connect.</summary>
    /// <param name="challenges">Who has the port. What several of them say of addresses can be asked only when it is known which is wanted: before, it is the node's bans alone.</param>
    public EntrySteps BeforeHandshake(IReadOnlyList<string> challenges) => new(
        challenges is [var only] ? _entries[only].Parts : new EntryParts(() => GateOptions.Open with { ProxiesIn = [.. challenges.SelectMany(challenge => _gates[challenge].Entry.ProxiesIn)] })
        {
            Admit = source => new Admission(!Bans.IsBanned(source.Address), Permit: null),
        },
        new ProxyComplaints(_logger, _time));

    /// <summary>What stands in front of a challenge behind <see cref="BeforeHandshake"/>: the rest.</summary>
    /// <param name="challenge">The challenge.</param>
    /// <param name="door">Its clients, with their handshakes done.</param>
    /// <param name="isShared">Whether others have the port too.</param>
    public IListener BehindHandshake(string challenge, IListener door, bool isShared)
    {
        var parts = _entries[challenge].Parts;
        var rest = new EntryParts(() => parts.Options() with { ProxiesIn = [] }) { Work = parts.Work, Watch = parts.Watch };
        return InFront(door, new EntrySteps(isShared ? rest with { Admit = parts.Admit } : rest, new ProxyComplaints(_logger, _time)));
    }

    /// <summary>A relay that knows the sockets which come from what stands in front.</summary>
    public IRelay InFront(IRelay relay) => new GatedRelay(new TlsRelay(relay, _time));

    /// <summary>Counts whom it turns away.</summary>
    public void Measure(IMeterFactory meters)
    {
        var meter = meters.Create("Instancer.Gate");
        meter.CreateObservableCounter(
            "instancer.connections.turned_away",
            () => _entries.SelectMany(entry => Enum.GetValues<AddressRefusal>().Select(reason => new Measurement<long>(
                entry.Value.Refused(reason), new("challenge", entry.Key), new("reason", reason.ToString())))),
            "{connection}",
            "Connections closed at once because of their address, by reason.");
        meter.CreateObservableGauge("instancer.bans", () => Bans.List().Count, "{ban}", "Blocks of addresses that are banned.");
        meter.CreateObservableGauge("instancer.work.waiting", () => _desk.Waiting, "{answer}", "Proofs of work that wait for their check.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Dispose();
        }

        _desk.Dispose();
        await _desk.Checking.ConfigureAwait(false);
    }

    private GatedListener InFront(IListener listener, EntrySteps entry) => new(listener, entry, new HeaderReads(entry, _headerTimeout, _time, _logger));
}
