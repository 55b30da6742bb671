using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Connections;

/// <summary>From a lease to the end of the session.</summary>
internal abstract partial class ConnectionActor
{
    private const string Progress = "progress";
    private const string SessionTimer = "session";

    /// <summary>A timer cannot wait for longer than some weeks; one that is due later looks again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    /// <summary>How long a connect may take to a backend that was just seen to accept.</summary>
    private static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a dial may still take once its backend has ended: a connection that was made is there within this, and what is made later, when a
    /// packet is sent again after a second, might be made to another that got the same address.
    /// </summary>
    private static readonly TimeSpan LateDialTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>How long the session of an exited backend may stand still before it is given up.</summary>
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromSeconds(10);

    private ITenure _tenure = UnlimitedTenure.Instance;
    private long _progress;
    private bool _dials;
    private TimeSpan? _sessionLength;
    private TimeSpan _sessionEnds;
    private bool _isTooLong;

    private void Dial(ConnectionMessage.LeaseGranted granted)
    {
        Now = Phase.Dial;
        _tenure = granted.Tenure;
        _resetWatch?.Cancel();
        Context.StartTimer(Deadline, new ConnectionMessage.DeadlinePassed(), DialTimeout);
        _dials = true;
        Context.PipeToSelf(Scope!.Relay.DialAsync(granted.Address, _stop.Token), outcome => new ConnectionMessage.Dialed(outcome));
    }

    /// <summary>The two sockets are one wire from here on.</summary>
    protected void Relay(IBackendSocket backend)
    {
        Now = Phase.Relay;
        _resetWatch?.Cancel();
        Context.CancelTimer(Deadline);
        OnServing();
        var limits = Scope!.Limits.Of(Scope.Challenge.Name);
        _session = Scope.Relay.Start(_socket, backend, Terms(limits));
        Scope.Metrics.SessionStarted(Scope.Challenge.Name);
        Context.PipeToSelf(_session.Completion, end => new ConnectionMessage.SessionEnded(end));
        _sessionLength = limits.SessionLength;
        if (_sessionLength is { } length)
        {
            _sessionEnds = Context.Time.Uptime() + length;
            StartSessionTimer();
        }

        if (_backendExited)
        {
            // What it said before it ended is the client's all the same.
            WatchProgress(_session);
        }
    }

    private void OnSessionEnded(SessionEnd end)
    {
        Scope!.Metrics.SessionEnded(Scope.Challenge.Name, end);
        ConnectionsLog.SessionEnded(
            Scope.Logger, _socket.RemoteAddress, Scope.Challenge.Name, end.Cause, end.BytesFromClient, end.BytesFromBackend);
        End(_isTooLong ? "session-length" : "served");
    }

    /// <summary>Whom this node passes on, the backend is told of by the node that dials it.</summary>
    private SessionTerms Terms(ChallengeLimits limits) => new(_tenure)
    {
        BytesPerSecond = limits.BytesPerSecond,
        ProxySource = limits.SendsProxyHeader && _dials ? _socket.RemoteAddress : null,
    };

    private void StartSessionTimer()
    {
        var left = _sessionEnds - Context.Time.Uptime();
        Context.StartTimer(SessionTimer, new ConnectionMessage.SessionTimeIsUp(), left < LongestTimer ? left : LongestTimer);
    }

    private void OnSessionTimeIsUp(ISession session)
    {
        if (Context.Time.Uptime() < _sessionEnds)
        {
            StartSessionTimer();
            return;
        }

        _isTooLong = true;
        ConnectionsLog.SessionTooLong(Scope!.Logger, _socket.RemoteAddress, Scope.Challenge.Name, _sessionLength!.Value);
        session.Reset();
    }

    private void WatchProgress(ISession session)
    {
        _progress = session.BytesRelayed;
        Context.StartPeriodicTimer(Progress, new ConnectionMessage.CheckProgress(), ProgressTimeout);
    }

    private void OnCheckProgress(ISession session)
    {
        if (session.BytesRelayed == _progress)
        {
            session.Reset();
        }

        _progress = session.BytesRelayed;
    }
}
