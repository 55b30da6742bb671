using Instancer.Gate.Sessions;

namespace Instancer.Gateway.Net.Portable;

/// <summary>Holds one direction of a session to its rate: while nothing may pass it is not read, and the sender has to wait.</summary>
/// <param name="bytesPerSecond">How many bytes may pass in a second.</param>
/// <param name="time">The clock.</param>
/// <param name="aborted">Ends when the session does before its time.</param>
internal sealed class SocketThrottle(long bytesPerSecond, TimeProvider time, Task aborted)
{
    private readonly ByteBucket _bucket = new(bytesPerSecond, time);

    /// <summary>Waits until something may pass, or the session is aborted.</summary>
    /// <returns>How many bytes may be read.</returns>
    public async ValueTask<int> WaitAsync()
    {
        while (true)
        {
            var room = _bucket.Room(int.MaxValue);
            if (room > 0 || aborted.IsCompleted)
            {
                return room;
            }

            await Task.WhenAny(aborted, Task.Delay(_bucket.UntilRoom(), time));
        }
    }

    /// <summary>Says that <paramref name="count"/> bytes were passed on.</summary>
    public void Spend(int count) => _bucket.Spend(count);
}
