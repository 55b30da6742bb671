using System.Net.Security;

namespace Instancer.Gateway.Net.Tls;

/// <summary>
/// Whose turn it is with a connection's TLS state. <see cref="SslStream"/> keeps a read and a write apart that run at once, but not a read and <see cref="SslStream.ShutdownAsync"/>, and beneath them
/// is one state that is not for two at once: a close_notify that is said while bytes are decrypted is lost, or the bytes are. So a read has the turn, but for the time in which it waits for its
/// socket; and a close_notify is said in a turn of its own.
/// </summary>
internal sealed class TlsTurn
{
    // Needs no disposal: nobody asks it for a handle to wait with.
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Ends when it is the caller's turn, at once if it is nobody's. It is never anybody's for longer than some bytes take to be decrypted.</summary>
    public Task TakeAsync() => _turn.WaitAsync();

    /// <summary>Gives the turn back.</summary>
    public void GiveBack() => _turn.Release();
}
