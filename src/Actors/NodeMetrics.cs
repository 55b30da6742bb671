using System.Diagnostics.Metrics;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;

namespace Instancer.Actors;

/// <summary>The node's instruments. Tags are bounded: challenges, and the members of enumerations.</summary>
internal sealed class NodeMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Instancer";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _forwarded;
    private readonly UpDownCounter<long> _connections;
    private readonly UpDownCounter<long> _sessions;
    private readonly Counter<long> _bytes;
    private readonly Histogram<double> _startDuration;
    private readonly Counter<long> _startFailures;
    private readonly Counter<long> _stopped;
    private readonly Counter<long> _quotaDenials;
    private readonly Gauge<int> _instances;
    private readonly Gauge<int> _queued;

    public NodeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("instancer.connections.accepted", "{connection}", "Connections accepted.");
        _ended = meter.CreateCounter<long>("instancer.connections.ended", "{connection}", "Connections that ended, by outcome.");
        _forwarded = meter.CreateCounter<long>("instancer.forwarded.connections", "{connection}", "Connections passed on to other nodes (out) or by them (in), by outcome.");
        _connections = meter.CreateUpDownCounter<long>("instancer.connections.open", "{connection}", "Connections open.");
        _sessions = meter.CreateUpDownCounter<long>("instancer.sessions.open", "{session}", "Sessions being relayed.");
        _bytes = meter.CreateCounter<long>("instancer.sessions.relayed", "By", "Bytes relayed by ended sessions, by direction.");
        _startDuration = meter.CreateHistogram<double>(
            "instancer.instance.start.duration", "s", "From the start's turn until the backend accepted connections.");
        _startFailures = meter.CreateCounter<long>("instancer.instance.start.failures", "{start}", "Failed starts, by failure.");
        _stopped = meter.CreateCounter<long>("instancer.instance.stops", "{instance}", "Instances that ended, by cause.");
        _quotaDenials = meter.CreateCounter<long>("instancer.quota.denials", "{denial}", "Starts and sessions denied because a client had as much as it may have, by quota.");
        _instances = meter.CreateGauge<int>("instancer.instances", "{instance}", "Instances that have or get a backend.");
        _queued = meter.CreateGauge<int>("instancer.starts.queued", "{start}", "Starts that wait for their turn or for room.");
    }

    public void ConnectionAccepted(string challenge)
    {
        _accepted.Add(1, Tag("challenge", challenge));
        _connections.Add(1, Tag("challenge", challenge));
    }

    public void ConnectionEnded(string challenge, string outcome)
    {
        _ended.Add(1, Tag("challenge", challenge), Tag("outcome", outcome));
        _connections.Add(-1, Tag("challenge", challenge));
    }

    public void ForwardedOut(string challenge, ForwardOutcome outcome)
        => _forwarded.Add(1, Tag("challenge", challenge), Tag("direction", "out"), Tag("outcome", outcome switch
        {
            ForwardOutcome.Accepted => "served",
            ForwardOutcome.Moved => "moved",
            _ => "denied",
        }));

    /// <summary>Another node's request has ended; <paramref name="challenge"/> is null if it never said which.</summary>
    public void ForwardedIn(string? challenge, string outcome)
        => _forwarded.Add(1, Tag("challenge", challenge ?? ""), Tag("direction", "in"), Tag("outcome", outcome));

    public void SessionStarted(string challenge) => _sessions.Add(1, Tag("challenge", challenge));

    public void SessionEnded(string challenge, SessionEnd end)
    {
        _sessions.Add(-1, Tag("challenge", challenge));
        _bytes.Add(end.BytesFromClient, Tag("challenge", challenge), Tag("direction", "from-client"));
        _bytes.Add(end.BytesFromBackend, Tag("challenge", challenge), Tag("direction", "from-backend"));
    }

    public void Started(string challenge, TimeSpan duration) => _startDuration.Record(duration.TotalSeconds, Tag("challenge", challenge));

    public void StartFailed(string challenge, StartFailure failure)
        => _startFailures.Add(1, Tag("challenge", challenge), Tag("failure", failure.ToString()));

    public void Stopped(string challenge, StopCause cause)
        => _stopped.Add(1, Tag("challenge", challenge), Tag("cause", cause.ToString()));

    public void QuotaDenied(string challenge, Quota quota)
        => _quotaDenials.Add(1, Tag("challenge", challenge), Tag("quota", quota.ToString()));

    /// <summary>How many instances have room, and how many starts wait for it.</summary>
    public void NoteRoom(int instances, int queued)
    {
        _instances.Record(instances);
        _queued.Record(queued);
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
