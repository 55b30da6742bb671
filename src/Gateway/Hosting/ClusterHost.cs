using System.Diagnostics.Metrics;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Registry;
using Instancer.Cluster;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>What makes a node one of several: its place in the cluster, its port for the other nodes, and what it asks them.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    /// <summary>How long another node may take to say anything at all: one that takes longer has stopped, or is cut off.</summary>
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How much longer than a place lasts a client waits for the next owner of a node that does not answer: until its lease is seen to have ended, and the key claimed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>How often it is looked whether there is more or less to do than the other nodes were told.</summary>
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly NodeOptions _options;
    private readonly ClusterPart _part;
    private readonly PeerClient _peers;
    private readonly PeerAnswers _answers;
    private readonly ITimer _reports;
    private InstancerNode? _node;

    /// <param name="configuration">The node's, with a cluster in it.</param>
    /// <param name="listener">The open port for the other nodes; taken over by whoever takes <see cref="Ports"/>.</param>
    /// <param name="transport">Dials the other nodes.</param>
    /// <param name="meters">Where its instruments are made.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    public ClusterHost(
        NodeConfiguration configuration, IListener listener, ITransport transport, IMeterFactory meters, TimeProvider time, ILoggerFactory loggers)
    {
        var settings = configuration.Settings.Cluster!;
        _options = configuration.Node;
        _part = ClusterPart.Start(settings.Options, settings.Etcd, new ClusterServices
        {
            Time = time,
            Loggers = loggers,
            Meters = meters,
            PlaceLost = _ => Volatile.Read(ref _node)?.CheckTenure(),
        });
        var secret = settings.Secret ?? throw new ArgumentException("The configuration has errors.", nameof(configuration));
        var logger = loggers.CreateLogger("Instancer.Forwarding");
        var log = new PeerLog(logger, time);
        var dialler = new PeerDialler(transport, secret, HelloTimeout, time, log);
        _peers = new PeerClient(dialler);
        _answers = new PeerAnswers(_options.Node);
        Ports = new ClusterPorts
        {
            Listener = new ForwardListener(
                listener, _options.Node, secret, new PeerQuestions(_answers.AnswerAsync, time, logger), log),
            Forwarder = new Forwarder(dialler),
            LeaveAsync = _part.LeaveAsync,
            Patience = settings.Options.Lease + Patience,
        };
        Relay = new ForwardRelay(transport);
        _reports = time.CreateTimer(_ => Report(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the actors need.</summary>
    public ClusterPorts Ports { get; }

    /// <summary>Relays what other nodes pass on, too.</summary>
    public IRelay Relay { get; }

    /// <summary>Who owns which key.</summary>
    public IKeyOwnership Ownership => _part.Ownership;

    /// <summary>Whether the node has its place.</summary>
    public bool HasPlace => _part.HasPlace;

    /// <summary>Ends, if ever, when it is certain that the node cannot be one of this cluster, with the reason in one line.</summary>
    public Task<string> Refused => _part.Refused;

    /// <summary>Ends when its actors have stopped; faulted if one of them failed for good.</summary>
    public Task Completion => _part.Completion;

    /// <summary>From here on there is a node that serves.</summary>
    public void Attach(InstancerNode node)
    {
        Volatile.Write(ref _node, node);
        _answers.Attach(node.Instances);
        _part.ServeResets(node.ResetAsync);
        Report();
        _reports.Change(ReportInterval, ReportInterval);
    }

    /// <summary>The nodes, for operators.</summary>
    /// <param name="drain">Knows whether this one has been asked to stop.</param>
    public INodeDirectory Nodes(IDrain drain) => new ClusterNodes(_options.Node, _part, drain);

    /// <summary>The instances of the other nodes, for operators.</summary>
    public IPeers Peers() => new ClusterPeers(_part, _peers);

    /// <summary>Tells the other nodes that this one is about to leave.</summary>
    public void AnnounceDraining() => _part.AnnounceDraining();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _reports.DisposeAsync().ConfigureAwait(false);
        await _part.DisposeAsync().ConfigureAwait(false);
    }

    private void Report() => _part.ReportLoad(_options.Challenges.ToDictionary(
        challenge => challenge.Name,
        challenge => new Cluster.ChallengeLoad(_node!.InstancesOf(challenge.Name), challenge.MaxInstances)));
}
