using System.Net.Sockets;

namespace Instancer.Gateway.Commands;

/// <summary>Cuts what a socket receives into lines, in bounded memory.</summary>
/// <param name="longest">The longest line; what is longer comes in pieces of that length.</param>
internal sealed class LineBuffer(int longest)
{
    private readonly byte[] _bytes = new byte[longest];
    private int _start;
    private int _end;
    private bool _ended;

    /// <summary>Waits for more; false once the other side has ended. All lines have to be taken before.</summary>
    public bool Receive(Socket socket)
    {
        _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
        (_start, _end) = (0, _end - _start);
        var received = socket.Receive(_bytes, _end, _bytes.Length - _end, SocketFlags.None);
        _end += received;
        _ended = received == 0;
        return !_ended;
    }

    /// <summary>The next line, without its end. What comes after the last line end counts as a line once the other side has ended.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        var rest = _bytes.AsSpan(_start, _end - _start);
        var length = rest.IndexOf((byte)'\n');
        var isWhole = length >= 0;
        var isPiece = !isWhole && (rest.Length == _bytes.Length || (_ended && rest.Length > 0));
        line = isWhole ? rest[..length] : isPiece ? rest : [];
        _start += isWhole ? length + 1 : line.Length;
        return isWhole || isPiece;
    }
}
