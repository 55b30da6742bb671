using System.Net;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>
/// Runs instances as containers, over the Docker Engine API 1.41 to 1.52. Containers outlive this process; their labels are all that
/// the next one needs to adopt them.
/// </summary>
public sealed class DockerRuntime : IInstanceRuntime, IAsyncDisposable
{
    private readonly DockerRuntimeOptions _options;
    private readonly ILogger _logger;
    private readonly EngineClient _engine;
    private readonly InstancerNetwork _bridge;
    private readonly InstancerNetwork _published;
    private readonly InstancerNetwork _egress;
    private readonly SlotNetworks _slots;
    private readonly AddressResolver _addresses;
    private readonly AddressResolver _addressesOffHostKernel;
    private readonly ContainerExits _exits;
    private readonly ContainerRemoval _removal;
    private readonly ContainerGroups _groups = new();
    private readonly FlagFiles _flags;
    private readonly MemberStart _members;
    private readonly ContainerAdoption _adoption;
    private readonly CompanionReadiness _readiness;
    private readonly InstanceRemoval _instances;
    private readonly ContainerListing _listing;
    private readonly TimeProvider _time;

    /// <summary>A runtime for one node. Nothing is sent to the engine yet.</summary>
    public DockerRuntime(DockerRuntimeOptions options, TimeProvider time, ILogger<DockerRuntime> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _logger = logger;
        _engine = new EngineClient(EngineEndpoint.Of(options));
        var nodeNetworks = new NodeNetworks(_engine, options.Node, logger);
        _bridge = new InstancerNetwork(_engine, options.Node, NetworkKind.Bridge, nodeNetworks, logger);
        _published = new InstancerNetwork(_engine, options.Node, NetworkKind.Published, nodeNetworks, logger);
        _egress = new InstancerNetwork(_engine, options.Node, NetworkKind.Egress, nodeNetworks, logger);
        var gateway = new GatewayContainer(_engine, options.GatewayContainer);
        var joining = new SlotJoining(_engine, options.Node, gateway, nodeNetworks, logger);
        _slots = new SlotNetworks(_engine, options.Node, joining);
        var networks = new NetworkCheck(_engine, _bridge, _slots, gateway);
        _addresses = new AddressResolver(_engine, new NamespaceCheck(_engine, gateway, options.NamespaceObstacle), networks, logger);
        _addressesOffHostKernel = new AddressResolver(
            _engine, new NamespaceCheck(_engine, gateway, "the challenge's container runtime has sockets of its own"), networks, logger);
        _exits = new ContainerExits(_engine, options.Node, time, logger);
        _removal = new ContainerRemoval(_engine, options.Node, time, logger);
        var creation = new ContainerCreation(_engine, _removal, logger);
        var readiness = new ContainerReadiness(_engine, joining, options.NamespaceObstacle, time);
        var resumption = new ContainerResumption(_engine, logger);
        var group = new GroupInspection(_engine, options.Node, _exits, resumption);
        _flags = new FlagFiles(new FlagVolumes(_engine, options.Node, _removal, logger), time, logger);
        _members = new MemberStart(_engine, new KnownImages(_engine), creation, _removal, new InitSupport(logger), _exits, _flags);
        _readiness = new CompanionReadiness(_engine, readiness, time);
        _instances = new InstanceRemoval(_engine, options.Node, creation, _removal, group, _groups);
        _adoption = new ContainerAdoption(_engine, options.Node, _removal, _instances, group, _exits, readiness, resumption, logger);
        var orphans = new OrphanRemoval(group, _groups, _removal, logger);
        _listing = new ContainerListing(_engine, options.Node, _exits, readiness, _removal, resumption, group, _groups, orphans, time, logger);
    }

    /// <inheritdoc/>
    public string Name => "docker";

    /// <inheritdoc/>
    public bool SurvivesRestart => true;

    /// <summary>
    /// Yes for <see cref="DockerAddress.Published"/>, no for <see cref="DockerAddress.Bridge"/>. For the others, which may
    /// turn out to be either, what <see cref="ProbeAsync"/> found; before it succeeded the answer is yes, and stays yes: a port too many costs a place in the pool,
    /// one too few costs the start.
    /// </summary>
    public bool NeedsPort(InstanceTemplate template) => AddressesOf(TemplateOf(template)).NeedsPort(TemplateOf(template).Address);

    /// <summary>
    /// Reaches the engine and settles what <see cref="DockerAddress.Auto"/> means. To be called once before the first start; it may
    /// be called again.
    /// </summary>
    public Task<DockerProbe> ProbeAsync(CancellationToken cancellationToken) => new EngineProbe(_engine, _addresses).RunAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var start = new ContainerStart(request, TemplateOf(request.Template), _options.Node, _members, _adoption, _removal, _groups, _readiness, _time, _logger);
        try
        {
            var (address, error) = await AddressesOf(start.Template).ResolveAsync(start.Template.Address, cancellationToken);
            if (error is not null)
            {
                return StartFailures.Of(error, start.Template);
            }

            if (address == DockerAddress.Joined)
            {
                return await StartJoinedAsync(start, cancellationToken);
            }

            var port = start.Template.ContainerPort;
            var (network, reached) = address switch
            {
                DockerAddress.Namespace => (null, new ContainerAddress.Namespace(port)),
                DockerAddress.Bridge => (_bridge, new ContainerAddress.Bridge(port)),
                _ => (_published, (ContainerAddress)PublishedAt(request, start.Template)),
            };

            // A way out changes the container's network and nothing else: how it is reached stays the same.
            return await start.RunAsync(start.Template.Egress ? _egress : network, reached, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new StartOutcome.Failed(StartFailure.NotReady, start.GivenUp());
        }
    }

    private async Task<StartOutcome> StartJoinedAsync(ContainerStart start, CancellationToken cancellationToken)
    {
        if (Router.Obstacle(start.Template) is { } obstacle)
        {
            return new StartOutcome.Failed(StartFailure.Rejected, obstacle);
        }

        start.Phase = "the engine had not made a network for it";
        var taken = await _slots.TakeAsync(start.Template.Egress ? _egress : null, cancellationToken);
        if (!taken.Succeeded)
        {
            return StartFailures.Of(taken.Error, start.Template);
        }

        using var slot = taken.Value;
        return await start.RunAsync(slot, new ContainerAddress.Joined(start.Template.ContainerPort, slot.SlotName), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            // The engine's answer is that it is written down, and that the key has no other container.
            return await _engine.RenameContainerAsync(request.Spare.Id, ContainerName.Of(_options.Node, request.Key), cancellationToken) is { } error
                ? new TakeOutcome.Failed(error.Message)
                : new TakeOutcome.Taken();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new TakeOutcome.Failed("the engine had not given it its name in time");
        }
    }

    /// <inheritdoc/>
    public async Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        try
        {
            return Outcome(backendId is null
                ? await _instances.RemoveAllAsync(key, cancellationToken)
                : await _instances.RemoveAsync(key, backendId, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new StopOutcome.Failed("the engine had not confirmed the removal in time");
        }
    }

    /// <inheritdoc/>
    public Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
    {
        _flags.Sweep();
        return _listing.ListAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _exits.DisposeAsync();
        await _flags.DisposeAsync();
        _engine.Dispose();
        _slots.Dispose();
    }

    private static DockerTemplate TemplateOf(InstanceTemplate template) =>
        template as DockerTemplate ?? throw new ArgumentException($"The docker runtime starts no {template?.GetType().Name}.", nameof(template));

    private AddressResolver AddressesOf(DockerTemplate template) =>
        HostKernel.Runs(template.Hardening.ContainerRuntime) ? _addresses : _addressesOffHostKernel;

    private static StopOutcome Outcome(EngineError? error) => error is null ? new StopOutcome.Gone() : new StopOutcome.Failed(error.Message);

    private ContainerAddress.Published PublishedAt(StartRequest request, DockerTemplate template) =>
        new(template.ContainerPort, new IPEndPoint(
            _options.PublishAddress,
            request.Port ?? throw new ArgumentException("A published container needs a port.", nameof(request))));
}
