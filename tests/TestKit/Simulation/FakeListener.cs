using Instancer.Actors.Connections;

namespace Instancer.TestKit.Simulation;

/// <summary>A listener whose backlog the simulation fills.</summary>
internal sealed class FakeListener(string challenge, SimulationState state, Func<DateTimeOffset> now) : IListener
{
    private readonly Queue<IClientSocket> _backlog = new();
    private TaskCompletionSource<AcceptOutcome>? _accept;

    public string LocalAddress => challenge;

    public bool IsClosed { get; private set; }

    /// <summary>How many clients wait to be accepted.</summary>
    public int Waiting => _backlog.Count;

    public Task<AcceptOutcome> AcceptAsync()
    {
        if (IsClosed)
        {
            return Task.FromResult<AcceptOutcome>(new AcceptOutcome.Closed());
        }

        state.MayThrow();
        state.Check(4, _accept is null or { Task.IsCompleted: true }, () => $"two accepts at once on {challenge}");
        _accept = new TaskCompletionSource<AcceptOutcome>();
        Deliver();
        return _accept.Task;
    }

    public void Connect(IClientSocket client)
    {
        _backlog.Enqueue(client);
        Deliver();
    }

    public void Dispose()
    {
        IsClosed = true;
        _accept?.TrySetResult(new AcceptOutcome.Closed());
        foreach (var client in _backlog)
        {
            client.Reset();
        }

        _backlog.Clear();
    }

    private void Deliver()
    {
        if (_accept is not { Task.IsCompleted: false } accept || _backlog.Count == 0)
        {
            return;
        }

        if (state.Random.Chance(0.02))
        {
            accept.SetException(new IOException("the accept fails, by order of the simulation"));
        }
        else if (state.Random.Chance(0.05))
        {
            accept.SetResult(new AcceptOutcome.TryLater("too many open files") { IsShort = state.Random.Chance(0.5) });
        }
        else
        {
            var client = _backlog.Dequeue();
            if (client is FakeClient accepted)
            {
                accepted.AcceptedAt = now();
            }

            accept.SetResult(new AcceptOutcome.Accepted(client));
        }
    }
}
