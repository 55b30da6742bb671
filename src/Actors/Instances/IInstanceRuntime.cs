namespace Instancer.Actors.Instances;

/// <summary>
/// What runs instances. Expected failures are outcomes, not exceptions. Calls for different keys may overlap; for one key a
/// start may overlap a stop that follows its cancellation. A call that is cancelled ends soon after, whatever the engine does.
/// </summary>
public interface IInstanceRuntime
{
    /// <summary>The name in the configuration: <c>docker</c> or <c>process</c>.</summary>
    string Name { get; }

    /// <summary>Whether instances outlive this process and are adopted by the next one.</summary>
    bool SurvivesRestart { get; }

    /// <summary>Whether a start of <paramref name="template"/> takes a port from the node's port pool.</summary>
    bool NeedsPort(InstanceTemplate template);

    /// <summary>
    /// Starts a backend and ends when it accepts connections at its address, or when it is certain that it will not. A backend
    /// that is already there under the key and matches the template is the outcome (it is adopted); one that does not match is
    /// removed first. Cancelled, it fails with what was seen until then. After a failure there may be remains, and a start that was
    /// cancelled may even succeed later: the caller follows up with <see cref="StopAsync"/>, and what still appears is
    /// found by <see cref="ListAsync"/>.
    /// </summary>
    Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a spare the backend of a key. That is written down where the runtime keeps its backends, and refused if the key has a backend there: once this has
    /// succeeded, the next process adopts the backend as the key's; until then it removes it, as every spare that it finds. After a failure it is not certain
    /// whose the spare is: the caller follows up with <see cref="StopAsync"/> for that very backend.
    /// </summary>
    Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken);

    /// <summary>Removes a backend, entirely. One that is gone already is a success.</summary>
    /// <param name="key">The instance's key.</param>
    /// <param name="backendId">The very backend that is meant, whatever key it is under by now; or null for whatever is there under the key.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken);

    /// <summary>
    /// Everything that this node has ever started and that is still there, running or not. One that has ended is listed with its
    /// <see cref="Backend.Exited"/> ended: so an exit is seen even if nothing else told of it. Of several under one key, which only somebody
    /// else can have made, the one that a start would come upon is the first.
    /// </summary>
    Task<ListOutcome> ListAsync(CancellationToken cancellationToken);
}

/// <summary>What to start.</summary>
/// <param name="Key">The key that the backend is for.</param>
/// <param name="Template">What kind of backend.</param>
/// <param name="Port">A port from the node's pool, leased to the key, if <see cref="IInstanceRuntime.NeedsPort"/>.</param>
public sealed record StartRequest(InstanceKey Key, InstanceTemplate Template, int? Port)
{
    /// <summary>The name of the client that it is started for; null if the challenge asks for no token.</summary>
    public string? Client { get; init; }

    /// <summary>The flag that the backend is given; null for none.</summary>
    public string? Flag { get; init; }

    /// <summary>
    /// Whether nobody has the backend yet, and <see cref="IInstanceRuntime.TakeAsync"/> is to give it to somebody; its key is a stand-in. Default: false.
    /// </summary>
    public bool IsSpare { get; init; }

    /// <summary>For logs: the flag stays out of them.</summary>
    public override string ToString() => $"{Key.ToShortString()} of {Template.GetType().Name}";
}

/// <summary>Whom to give which spare.</summary>
/// <param name="Key">The key that the spare is to be the backend of.</param>
/// <param name="Template">What kind of backend.</param>
/// <param name="SpareKey">The key that it was started under.</param>
/// <param name="Spare">The spare.</param>
public sealed record TakeRequest(InstanceKey Key, InstanceTemplate Template, InstanceKey SpareKey, Backend Spare)
{
    /// <summary>The name of the client that it is for; null if the challenge asks for no token.</summary>
    public string? Client { get; init; }
}

/// <summary>What a runtime starts: image or command, port, limits. The runtimes derive from it.</summary>
public abstract record InstanceTemplate
{
    /// <summary>A digest of all that shapes a backend: one that was started from another digest is not adopted.</summary>
    public abstract string SpecHash { get; }

    /// <summary>The backend's memory limit in bytes; null for none.</summary>
    public long? Memory { get; init; }

    /// <summary>What is counted against the memory budget: the limits of all that the backend consists of; null if there is none.</summary>
    public virtual long? TotalMemory => Memory;

    /// <summary>What the backend's flag looks like; null for no flag. Default: null.</summary>
    public FlagTemplate? Flag { get; init; }
}

/// <summary>How a start ended.</summary>
public abstract record StartOutcome
{
    /// <summary>The backend accepts connections.</summary>
    /// <param name="Backend">The backend.</param>
    public sealed record Started(Backend Backend) : StartOutcome;

    /// <summary>It does not.</summary>
    /// <param name="Failure">What kind of failure.</param>
    /// <param name="Reason">Why, in one line, for an operator to read.</param>
    public sealed record Failed(StartFailure Failure, string Reason) : StartOutcome;
}

/// <summary>Kinds of failed starts.</summary>
public enum StartFailure
{
    /// <summary>Somebody else has the leased port: try another one. Not counted against the key.</summary>
    PortTaken,

    /// <summary>The runtime cannot be reached.</summary>
    Unavailable,

    /// <summary>The runtime refused: no such image or command, limits it will not take.</summary>
    Rejected,

    /// <summary>The backend ended before it accepted connections.</summary>
    Exited,

    /// <summary>The backend ran and did not accept connections in time.</summary>
    NotReady,
}

/// <summary>How the taking of a spare ended.</summary>
public abstract record TakeOutcome
{
    /// <summary>It is written down that the spare is the key's.</summary>
    public sealed record Taken : TakeOutcome;

    /// <summary>It is not, or not for certain.</summary>
    /// <param name="Reason">Why, in one line, for an operator to read.</param>
    public sealed record Failed(string Reason) : TakeOutcome;
}

/// <summary>How a stop ended.</summary>
public abstract record StopOutcome
{
    /// <summary>Confirmed: nothing is left.</summary>
    public sealed record Gone : StopOutcome;

    /// <summary>Not confirmed; to be tried again.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Failed(string Reason) : StopOutcome;
}

/// <summary>How a listing ended.</summary>
public abstract record ListOutcome
{
    /// <summary>What is there.</summary>
    /// <param name="Backends">Every backend of this node.</param>
    public sealed record Listed(IReadOnlyList<FoundBackend> Backends) : ListOutcome;

    /// <summary>The runtime cannot be reached.</summary>
    /// <param name="Reason">Why, in one line.</param>
    public sealed record Unavailable(string Reason) : ListOutcome;
}

/// <summary>A backend that a listing found.</summary>
/// <param name="Key">The key it was started for.</param>
/// <param name="Backend">The backend.</param>
/// <param name="SpecHash">The <see cref="InstanceTemplate.SpecHash"/> it was started from.</param>
/// <param name="Usable">
/// Whether it runs and accepts connections, or did when the runtime last found out, should that cost a connection; one that does not is removed, not adopted.
/// </param>
public sealed record FoundBackend(InstanceKey Key, Backend Backend, string SpecHash, bool Usable)
{
    /// <summary>
    /// Whether it was started as a spare and nobody has taken it. An earlier process may just have been about to give it away: so no other takes it over.
    /// Default: false.
    /// </summary>
    public bool IsSpare { get; init; }
}
