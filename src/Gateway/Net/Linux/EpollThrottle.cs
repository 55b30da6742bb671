using Instancer.Gate.Sessions;

namespace Instancer.Gateway.Net.Linux;

/// <summary>
/// Holds one direction of a session to its rate. While nothing may pass, a timer has the session's next turn: until then it is not read, and what the sender sends fills the kernel's buffer
/// until the sender has to wait. For the loop's thread only.
/// </summary>
internal sealed class EpollThrottle : ILoopTask, IDisposable
{
    private readonly EpollSession _session;
    private readonly ByteBucket _bucket;
    private readonly ITimer _timer;
    private bool _waits;

    /// <param name="session">What is run when something may pass again.</param>
    /// <param name="loop">Its loop.</param>
    /// <param name="bytesPerSecond">How many bytes may pass in a second.</param>
    /// <param name="time">The clock.</param>
    public EpollThrottle(EpollSession session, EpollLoop loop, long bytesPerSecond, TimeProvider time)
    {
        _session = session;
        _bucket = new ByteBucket(bytesPerSecond, time);

        // A loop that has stopped has ended its sessions.
        _timer = time.CreateTimer(_ => loop.Post(this), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many bytes may be read now, at most <paramref name="atMost"/>; if 0, the session is run when it is more.</summary>
    public int Room(int atMost)
    {
        var room = _bucket.Room(atMost);
        if (room == 0 && !_waits)
        {
            _waits = true;
            _timer.Change(_bucket.UntilRoom(), Timeout.InfiniteTimeSpan);
        }

        return room;
    }

    /// <summary>Says that <paramref name="count"/> bytes were passed on.</summary>
    public void Spend(int count) => _bucket.Spend(count);

    public void Run()
    {
        _waits = false;
        _session.Run();
    }

    public void Dispose() => _timer.Dispose();
}
