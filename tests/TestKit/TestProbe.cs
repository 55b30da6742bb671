using System.Collections.Concurrent;
using System.Threading.Channels;
using Instancer.Actors.Runtime;

namespace Instancer.TestKit;

/// <summary>An actor that only queues what it gets, for a test to look at or to wait for.</summary>
public sealed class TestProbe<TMessage>
    where TMessage : class
{
    /// <summary>Long enough for a busy machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Channel<TMessage> _unseen = Channel.CreateUnbounded<TMessage>();
    private readonly ConcurrentQueue<TMessage> _received = new();

    public TestProbe(ActorSystem system)
        => Ref = system.Spawn(() => new Recorder(this), "probe");

    /// <summary>Where others tell it.</summary>
    public ActorRef<TMessage> Ref { get; }

    /// <summary>All that it ever got, in order.</summary>
    public IReadOnlyList<TMessage> Received => [.. _received];

    /// <summary>The next message, which must be a <typeparamref name="TExpected"/> and come within <see cref="Deadline"/>.</summary>
    public async Task<TExpected> Expect<TExpected>()
        where TExpected : class, TMessage
    {
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            var message = await _unseen.Reader.ReadAsync(deadline.Token);
            return message as TExpected
                ?? throw new InvalidOperationException($"Expected a {typeof(TExpected).Name}, got {message}.");
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No {typeof(TExpected).Name} within {Deadline}.");
        }
    }

    private sealed class Recorder(TestProbe<TMessage> probe) : Actor<TMessage>
    {
        protected internal override void Receive(TMessage message)
        {
            probe._received.Enqueue(message);
            probe._unseen.Writer.TryWrite(message);
        }
    }
}
