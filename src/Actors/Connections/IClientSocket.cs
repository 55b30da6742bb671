namespace Instancer.Actors.Connections;

/// <summary>An accepted client's socket. Disposing it closes it in order; it is safe to dispose or reset twice.</summary>
public interface IClientSocket : IDisposable
{
    /// <summary>The client's address as <c>host:port</c>.</summary>
    string RemoteAddress { get; }

    /// <summary>
    /// Has the client do what is asked of it before its preamble; false if it has not done it. True at once where nothing is asked, which is the rule. Never faulted.
    /// </summary>
    ValueTask<bool> PassAsync(CancellationToken cancellationToken);

    /// <summary>Takes note of what becomes of the client. Never waits, and says nothing to the client unless the configuration asks for it.</summary>
    void Notify(ClientNotice notice);

    /// <summary>Reads the preamble, exactly 130 bytes, however they are split; what follows them stays in the socket.</summary>
    Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Ends when the client has reset the connection; reads nothing. An end of the client's sending side is no reset: a client may
    /// well send its request, end its side and wait for the answer. Ends cancelled when <paramref name="cancellationToken"/> is.
    /// </summary>
    Task WaitForResetAsync(CancellationToken cancellationToken);

    /// <summary>Closes the connection with a reset.</summary>
    void Reset();
}
