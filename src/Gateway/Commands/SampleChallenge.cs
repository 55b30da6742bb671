using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Commands;

/// <summary>
/// The built-in sample: a line server whose count goes on from session to session, so that one can see whether it is the same
/// instance. It answers a line with <c>N enil</c>. Blocking sockets and a thread for each session: what starts quickest.
/// </summary>
internal sealed class SampleChallenge : IDisposable
{
    /// <summary>The longest line in bytes; what is longer is answered in pieces.</summary>
    public const int LongestLine = 16 * 1024;

    private const int Backlog = 128;
    private const int StackSize = 256 * 1024;

    private readonly Socket _listener;
    private long _count;
    private volatile bool _isDisposed;

    private SampleChallenge(Socket listener)
    {
        _listener = listener;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="SocketException">The address is in use, forbidden or not this machine's.</exception>
    public static SampleChallenge Listen(IPEndPoint endPoint)
    {
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(endPoint);
            listener.Listen(Backlog);
            return new SampleChallenge(listener);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Serves every client until the listener is disposed.</summary>
    public void Serve()
    {
        while (true)
        {
            try
            {
                var client = _listener.Accept();
                new Thread(() => Answer(client), StackSize) { IsBackground = true }.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionAborted)
            {
                // The client was gone before it was accepted: there is nobody to answer.
                continue;
            }
            catch (Exception e) when (_isDisposed && (e is ObjectDisposedException or SocketException))
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _listener.Dispose();
    }

    private void Answer(Socket client)
    {
        using (client)
        {
            try
            {
                client.NoDelay = true;
                var lines = new LineBuffer(LongestLine);
                while (lines.Receive(client))
                {
                    AnswerLines(client, lines);
                }

                AnswerLines(client, lines);
                client.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The client has gone; the count stays for the next one.
                client.Close(timeout: 0);
            }
        }
    }

    private void AnswerLines(Socket client, LineBuffer lines)
    {
        while (lines.TryTake(out var line))
        {
            client.Send(ReversedLine.Of(Interlocked.Increment(ref _count), line));
        }
    }
}
