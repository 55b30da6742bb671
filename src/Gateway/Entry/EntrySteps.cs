using System.Net;
using Instancer.Gate.Options;
using Instancer.Gate.Parsing;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>
/// What each connection passes before the actors have it, step by step: a header of the PROXY protocol where it comes from a trusted proxy, and then whether its client may connect.
/// Whoever may not is closed in order and without a byte, as all are who are refused later: it cannot tell which it was, and what the closed connection leaves behind is the system's to bound.
/// </summary>
/// <param name="parts">What stands in front.</param>
/// <param name="complaints">Hears of proxies that do not speak the protocol.</param>
internal sealed class EntrySteps(EntryParts parts, ProxyComplaints complaints)
{
    /// <summary>Whether a header has to be read before anything else.</summary>
    public bool NeedsHeader(IAcceptedSocket socket) => ProxyReader.IsTrusted(parts.Options(), socket.RemoteEndPoint.Address);

    /// <summary>The first step, for a socket that <see cref="NeedsHeader"/>, and then the second.</summary>
    /// <param name="socket">The accepted socket, taken over.</param>
    /// <param name="cancellationToken">Gives it up, and closes the socket.</param>
    /// <returns>The client; null if the socket is closed.</returns>
    public async Task<GatedSocket?> ReadHeaderAsync(IAcceptedSocket socket, CancellationToken cancellationToken) =>
        await ReadSourceAsync(socket, cancellationToken) is { } source ? Admit(socket, source) : null;

    /// <summary>The second step: whether the client may connect.</summary>
    /// <param name="socket">The accepted socket, taken over.</param>
    /// <param name="source">The client.</param>
    /// <returns>The client; null if the socket is closed.</returns>
    public GatedSocket? Admit(IAcceptedSocket socket, IPEndPoint source) => Admit(socket, source, isBelow: false);

    /// <summary>
    /// Both steps for a connection on which something else is spoken first, TLS: what comes of it has the client's address and its place, and says nothing to the client. What is spoken on it
    /// then gets its own in front with <see cref="Front(IAcceptedSocket)"/>.
    /// </summary>
    /// <param name="socket">The accepted socket, taken over.</param>
    /// <param name="cancellationToken">Gives it up, and closes the socket.</param>
    /// <returns>The connection; null if it is closed.</returns>
    public async ValueTask<IAcceptedSocket?> PassBelowAsync(IAcceptedSocket socket, CancellationToken cancellationToken)
    {
        var source = NeedsHeader(socket) ? await ReadSourceAsync(socket, cancellationToken) : socket.RemoteEndPoint;
        return source is null ? null : Admit(socket, source, isBelow: true);
    }

    /// <summary>What stands in front of a client that has passed the steps already.</summary>
    /// <param name="socket">Its socket, taken over; its place is its own.</param>
    public GatedSocket Front(IAcceptedSocket socket) => Front(socket, socket.RemoteEndPoint, permit: null);

    private async Task<IPEndPoint?> ReadSourceAsync(IAcceptedSocket socket, CancellationToken cancellationToken)
    {
        var step = await ProxyReader.ReadAsync(socket, cancellationToken);
        if (step is ProxyHeaderStep.Complete complete)
        {
            return complete.Source ?? socket.RemoteEndPoint;
        }

        var problem = step is ProxyHeaderStep.Invalid invalid ? invalid.Reason : cancellationToken.IsCancellationRequested ? "no whole PROXY header came in time" : null;
        if (problem is not null)
        {
            // A proxy that looks whether somebody listens, and goes, is none to complain of.
            complaints.Note(socket.RemoteEndPoint, problem);
        }

        socket.Dispose();
        return null;
    }

    private GatedSocket? Admit(IAcceptedSocket socket, IPEndPoint source, bool isBelow)
    {
        IDisposable? permit = null;
        try
        {
            (var isAdmitted, permit) = parts.Admit(source);
            if (isAdmitted)
            {
                return isBelow ? new GatedSocket(socket, source, new GreetingOptions(), work: null, watch: null, permit) : Front(socket, source, permit);
            }
        }
        catch
        {
            permit?.Dispose();
            socket.Dispose();
            throw;
        }

        permit?.Dispose();
        socket.Dispose();
        return null;
    }

    private GatedSocket Front(IAcceptedSocket socket, IPEndPoint source, IDisposable? permit) =>
        new(socket, source, parts.Options().Greeting, parts.Work?.Invoke(source), parts.Watch, permit);
}
