using System.Threading.Channels;
using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net.Tls;

/// <summary>One challenge's part of a listener that it shares with others: the clients that asked for its name.</summary>
/// <param name="listener">The listener that all share.</param>
/// <param name="most">How many clients wait until they are accepted.</param>
internal sealed class SniDoor(SniListener listener, int most) : IListener
{
    private readonly Channel<AcceptOutcome> _clients = Channel.CreateBounded<AcceptOutcome>(most);
    private int _isOpen = 1;
    private volatile bool _isAsked;
    private int _isFull;

    public string LocalAddress => listener.LocalAddress;

    /// <summary>Whether it was not disposed yet.</summary>
    public bool IsOpen => Volatile.Read(ref _isOpen) == 1;

    public async Task<AcceptOutcome> AcceptAsync()
    {
        listener.Start();
        _isAsked = true;
        try
        {
            return await _clients.Reader.ReadAsync();
        }
        catch (ChannelClosedException)
        {
            return new AcceptOutcome.Closed();
        }
        finally
        {
            _isAsked = false;
        }
    }

    /// <summary>Hands a client over; false if it is not taken, and stays the caller's.</summary>
    /// <param name="client">The client.</param>
    /// <param name="isFirst">Whether it is the first that is not taken since one was, for want of room.</param>
    public bool TryPass(IClientSocket client, out bool isFirst)
    {
        var isTaken = _clients.Writer.TryWrite(new AcceptOutcome.Accepted(client));
        isFirst = Interlocked.Exchange(ref _isFull, isTaken ? 0 : 1) == 0 && !isTaken && IsOpen;
        return isTaken;
    }

    /// <summary>Says that nobody can be accepted now, to whoever asks for a client.</summary>
    public void Tell(AcceptOutcome.TryLater later)
    {
        if (_isAsked && _clients.Reader.Count == 0)
        {
            _clients.Writer.TryWrite(later);
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isOpen, 0) == 0)
        {
            return;
        }

        _clients.Writer.TryComplete();
        while (_clients.Reader.TryRead(out var outcome))
        {
            (outcome as AcceptOutcome.Accepted)?.Socket.Dispose();
        }

        listener.OnClosed();
    }
}
