using System.Net;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Admin.Metrics;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Flags;
using Instancer.Gateway.Net;
using Instancer.Gateway.Net.Tls;
using Instancer.Gateway.Tokens;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>A node with everything that it needs, from open listeners to a clean end.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly NodeConfiguration _configuration;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITransport _transport;
    private readonly IReadOnlyDictionary<string, IListener> _listeners;
    private readonly Runtimes _runtimes;
    private readonly NodeFlags? _flags;
    private readonly GateHost _gate;
    private readonly TlsPorts _tls;
    private readonly NodeAuthenticators _authenticators;
    private readonly TokensFile _tokens;
    private readonly MeterFactory _meters = new();
    private readonly MetricsExporter _metrics;
    private readonly ClusterHost? _cluster;
    private readonly InstancerNode _actors;
    private AdminEndpoint? _admin;

    private Node(
        NodeConfiguration configuration,
        ITransport transport,
        Listeners listeners,
        GateHost gate,
        TlsPorts tls,
        NodeFlags? flags,
        HostMemoryProbe memory,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        (_flags, _gate, _tls) = (flags, gate, tls);
        (_configuration, _transport, _time, _loggers) = (configuration, transport, time, loggers);
        _logger = loggers.CreateLogger<Node>();
        _listeners = tls.InFront(
            listeners.Challenges, gate, new SniOptions { HandshakeTimeout = configuration.Node.Gateway.PreambleTimeout }, time, loggers.CreateLogger<TlsPorts>());
        _metrics = new MetricsExporter(_meters);
        _runtimes = Runtimes.Create(configuration, time, loggers);
        _tokens = TokensFile.Open(configuration.Settings.TokensFile, time, loggers.CreateLogger<TokensFile>());
        _authenticators = new NodeAuthenticators(_tokens, time, loggers);
        _authenticators.Apply(configuration.Gate.Authentication);
        gate.Measure(_meters);
        _cluster = listeners.Peers is not { } peers ? null : new ClusterHost(configuration, peers, transport, _meters, time, loggers);
        _actors = InstancerNode.Start(configuration.Node, new NodePorts
        {
            Listeners = _listeners,
            Runtimes = [.. _runtimes.All.Select(runtime => flags?.Around(runtime, time) ?? runtime)],
            Authenticator = _authenticators.Chain,
            Limits = gate,
            Relay = gate.InFront(_cluster?.Relay ?? transport),
            Memory = memory,
            Ownership = _cluster?.Ownership ?? new SingleNodeOwnership(),
            Cluster = _cluster?.Ports,
            Time = time,
            Loggers = loggers,
            Meters = _meters,
        });
        _cluster?.Attach(_actors);
        _runtimes.BeginProbe();
    }

    /// <summary>Ends when the actors have stopped; faulted if one of them failed for good.</summary>
    public Task Completion => _cluster is null ? _actors.Completion : CompleteAsync(_actors.Completion, _cluster.Completion);

    /// <summary>Ends, if ever, when it is certain that this node cannot be one of its cluster, with the reason in one line.</summary>
    public Task<string> Refused => _cluster?.Refused ?? new TaskCompletionSource<string>().Task;

    /// <summary>Opens the listeners and starts the actors; null and an error in one line if a listener cannot be opened, or a certificate not be used.</summary>
    /// <exception cref="IOException">The file of the bans cannot be read, or those of the flags can be neither read nor made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static async Task<(Node? Node, string? Error)> StartAsync(
        NodeConfiguration configuration, HostMemoryProbe memory, TimeProvider time, ILoggerFactory loggers)
    {
        var flags = NodeFlags.Open(configuration, loggers);
        var gate = GateHost.Open(configuration, time, loggers);
        var transport = Transport.Create(time);
        var (tls, error) = await TlsPorts.OpenAsync(configuration, time, loggers.CreateLogger<TlsPorts>()).ConfigureAwait(false);
        (var listeners, error) = tls is null ? (null, error) : Listeners.Open(configuration, transport);
        if (listeners is not null)
        {
            return (new Node(configuration, transport, listeners, gate, tls!, flags, memory, time, loggers), null);
        }

        if (tls is not null)
        {
            await tls.DisposeAsync().ConfigureAwait(false);
        }

        await gate.DisposeAsync().ConfigureAwait(false);
        transport.Dispose();
        flags?.Dispose();
        return (null, error);
    }

    /// <summary>Starts the admin endpoint, if there is to be one: after the listeners, because nobody waits for it.</summary>
    /// <param name="drain">Stops the node when an operator asks for it.</param>
    /// <exception cref="AdminListenException">Its address cannot be listened on.</exception>
    /// <exception cref="IOException">Its token can be neither read nor made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public async Task StartAdminAsync(IDrain drain)
    {
        if (_configuration.Settings.Admin is { } settings)
        {
            var guard = new AdminGuard(IPAddress.IsLoopback(settings.Listen), AdminToken.ReadOrMake(settings.TokenFile));
            var logger = _loggers.CreateLogger<AdminApplication>();
            var instances = new ClusterInstances(_configuration.Node.Node, _actors.Instances, _cluster?.Peers() ?? NoPeers.Instance, _time);
            var nodes = _cluster?.Nodes(drain) ?? new SingleNode(_configuration.Node, _actors.Instances, drain);
            var application = new AdminApplication(
                new InstanceRequests(instances, logger), new NodeRequests(_configuration.Node.Node, nodes, drain, logger), new BanRequests(_gate.Bans, logger), flag => _flags?.Find(flag), () => _actors.IsReady && _cluster is null or { HasPlace: true }, _metrics, guard, logger);
            _admin = await AdminEndpoint.StartAsync(settings, application, _time, _loggers).ConfigureAwait(false);
            LogMessages.AdminListening(_logger, _admin.Address);
        }
    }

    /// <summary>Has other settings of what stands between strangers and the instances count from now on.</summary>
    public void Apply(GateSettings settings)
    {
        _gate.Apply(settings);
        _authenticators.Apply(settings.Authentication);
    }

    /// <summary>What to tell the operator.</summary>
    public string Announce() => Announcement.Of(_configuration, _listeners, _admin?.Address);

    /// <summary>Stops in order; <paramref name="hurry"/> cuts the sessions' time short.</summary>
    public Task DrainAsync(CancellationToken hurry)
    {
        _cluster?.AnnounceDraining();
        return _actors.DrainAsync(hurry);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_admin is not null)
        {
            await _admin.DisposeAsync().ConfigureAwait(false);
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync().ConfigureAwait(false);
        }

        _transport.Dispose();
        await _gate.DisposeAsync().ConfigureAwait(false);
        await _tls.DisposeAsync().ConfigureAwait(false);
        await _authenticators.DisposeAsync().ConfigureAwait(false);
        await _tokens.DisposeAsync().ConfigureAwait(false);
        await _runtimes.DisposeAsync().ConfigureAwait(false);
        _flags?.Dispose();
        _metrics.Dispose();
        _meters.Dispose();
    }

    // The cluster's part lives longer than the actors, and the node ends with whichever fails.
    private static async Task CompleteAsync(Task actors, Task cluster)
    {
        var first = await Task.WhenAny(actors, cluster).ConfigureAwait(false);
        await first.ConfigureAwait(false);
        await actors.ConfigureAwait(false);
    }
}
