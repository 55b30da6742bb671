using System.Net.Sockets;
using System.Text;
using Instancer.EndToEnd.Nodes;

namespace Instancer.EndToEnd.Cluster;

/// <summary>Whose instance a client asks for.</summary>
internal sealed record LabKey(TestToken Token, int Identifier)
{
    public override string ToString() => $"{Token.Hash}/{Identifier}";
}

/// <summary>
/// A client's connection to a node, which it makes with its first question. Every answer goes into the history, and so does the end, if it comes before the client
/// wants it.
/// </summary>
internal sealed class LabSession(LabKey key, LabNode through, History history) : IDisposable
{
    /// <summary>So long a client waits for an answer, which is longer than a node may take to close a connection that it cannot serve.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>What <see cref="Failure.How"/> says when a client's patience was at its end: that never may be.</summary>
    public const string Silence = "silence";

    private const string End = "end";

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly TimeSpan _began = history.Now;
    private int _asked;

    /// <summary>Which backend answered; null before the first answer.</summary>
    public string? Backend { get; private set; }

    /// <summary>The host of <see cref="Backend"/>.</summary>
    public string? Host => Backend?.Split('/')[0];

    /// <summary>Why it is over; null while it is not.</summary>
    public string? Over { get; private set; }

    /// <summary>Asks the backend its name; false if the session is over.</summary>
    public async Task<bool> AskAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            var preamble = Array.Empty<byte>();
            if (_asked++ == 0)
            {
                await _socket.ConnectAsync(through.EndPoint, deadline.Token);
                preamble = key.Token.Preamble(key.Identifier);
            }

            var sent = history.Now;
            await _socket.SendAsync((byte[])[.. preamble, .. Encoding.ASCII.GetBytes($"{_asked}\n")], deadline.Token);
            if (await ReceiveLineAsync(deadline.Token) is not { } line)
            {
                return Ended(End);
            }

            Heard(line, sent);
            return true;
        }
        catch (SocketException e)
        {
            return Ended(e.SocketErrorCode.ToString());
        }
        catch (OperationCanceledException)
        {
            return Ended(Silence);
        }
    }

    /// <summary>Waits for the end without a question; what comes before it is a bug of ours.</summary>
    public async Task EndAsync()
    {
        using var deadline = new CancellationTokenSource(Patience);
        try
        {
            Assert.Equal(0, await _socket.ReceiveAsync(new byte[1], deadline.Token));
            Ended(End);
        }
        catch (SocketException e)
        {
            Ended(e.SocketErrorCode.ToString());
        }
        catch (OperationCanceledException)
        {
            Ended(Silence);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Heard(string line, TimeSpan sent)
    {
        var words = line.Split(' ');
        Assert.Equal($"{_asked}", words[1]);
        Assert.Equal(Backend ?? words[0], words[0]);
        Backend = words[0];
        history.Answers.Enqueue(new Answer(key.ToString(), Backend, sent, history.Now, through.Name));
    }

    private bool Ended(string how)
    {
        Over = how;
        history.Failures.Enqueue(new Failure(key.ToString(), Backend, _began, history.Now, through.Name, how));
        return false;
    }

    private async Task<string?> ReceiveLineAsync(CancellationToken cancellationToken)
    {
        var chunk = new byte[256];
        var count = 0;
        while (count == 0 || chunk[count - 1] != '\n')
        {
            var more = await _socket.ReceiveAsync(chunk.AsMemory(count), cancellationToken);
            if (more == 0)
            {
                return null;
            }

            count += more;
        }

        return Encoding.ASCII.GetString(chunk, 0, count - 1);
    }
}
