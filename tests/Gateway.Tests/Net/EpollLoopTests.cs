using System.Net.Sockets;
using Instancer.Gateway.Net.Linux;

namespace Instancer.Gateway.Tests.Net;

public sealed class EpollLoopTests
{
    // A file is nothing that epoll can watch: that fails as it does without memory, and as often as it is tried.
    [LinuxFact]
    public void A_registration_that_failed_is_made_afresh_the_next_time()
    {
        using var loop = new EpollLoop("test");
        using var file = new SocketHandle(Libc.open(typeof(EpollLoopTests).Assembly.Location, Libc.ReadOnly | Libc.CloseOnExec));
        var handler = new Unexpected();

        var first = Assert.Throws<SocketException>(() => loop.Watch(file, EpollEvents.Readable, handler));
        var second = Assert.Throws<SocketException>(() => loop.Watch(file, EpollEvents.Readable, handler));

        Assert.StartsWith("Operation not permitted", first.Message, StringComparison.Ordinal);
        Assert.Equal(first.Message, second.Message);
        Assert.Null(file.Loop);
        file.Dispose();
        Assert.False(handler.IsForgotten);
    }

    private sealed class Unexpected : EpollHandler
    {
        public bool IsForgotten { get; private set; }

        public override void OnEvents(EpollEvents events) => throw new InvalidOperationException($"{events} of a file");

        public override void OnForgotten() => IsForgotten = true;
    }
}
