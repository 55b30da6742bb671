namespace Instancer.Gateway.Net.Tls;

/// <summary>
/// A socket as the stream that TLS is spoken over. What is lost is an <see cref="IOException"/>, as from any stream. It owns nothing: closing it leaves the socket alone.
/// </summary>
/// <param name="socket">The socket.</param>
/// <param name="budget">How many bytes may be read until <see cref="Unbound"/>: what a stranger can make this node hold.</param>
/// <param name="turn">Whoever reads has it, and is without it while the socket is waited for.</param>
internal sealed class ExactStream(IExactSocket socket, int budget, TlsTurn turn) : Stream
{
    private int _left = budget;
    private bool _isBound = true;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From here on as many bytes may be read as come: they are passed on.</summary>
    public void Unbound() => _isBound = false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isBound && buffer.Length > 0)
        {
            // What is behind it stays in the socket.
            buffer = _left > 0 ? buffer[..Math.Min(buffer.Length, _left)] : throw new IOException("The peer sent too much for a handshake.");
        }

        int count;
        turn.GiveBack();
        try
        {
            count = await socket.ReadSomeAsync(buffer, cancellationToken);
        }
        finally
        {
            await turn.TakeAsync();
        }

        cancellationToken.ThrowIfCancellationRequested();
        _left -= _isBound ? Math.Max(count, 0) : 0;
        return count != ExactSocket.Lost ? count : throw new IOException("The connection is lost.");
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!await socket.WriteAsync(buffer, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new IOException("The connection is lost.");
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
        // Nothing is kept back.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <exception cref="NotSupportedException">Always: no thread waits for a socket here.</exception>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <exception cref="NotSupportedException">Always: no thread waits for a socket here.</exception>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
