namespace Instancer.Actors.Connections;

/// <summary>The end of a connection that is not served.</summary>
internal abstract partial class ConnectionActor
{
    /// <summary>Closes it in order, without its having been served.</summary>
    protected void Close(string outcome, string reason) => Close(outcome, reason, new ClientNotice.Denied());

    /// <summary>Closes it in order: it is nobody whom this node knows, or does not say so in time.</summary>
    protected void TurnAway(string outcome, string reason) => Close(outcome, reason, new ClientNotice.NotAccepted());

    /// <summary>Resets it.</summary>
    protected void Reset(string outcome, string reason)
    {
        OnUnserved(outcome);
        _socket.Reset();
        NoteClosed(outcome, reason);
    }

    private void Close(string outcome, string reason, ClientNotice notice)
    {
        OnUnserved(outcome);
        _socket.Notify(notice);
        NoteClosed(outcome, reason);
    }

    private void NoteClosed(string outcome, string reason)
    {
        ConnectionsLog.Closed(Logger, _socket.RemoteAddress, Door, reason);
        End(outcome);
    }

    private void End(string outcome)
    {
        _outcome = outcome;
        Now = Phase.Ended;
        Context.StopSelf();
    }
}
