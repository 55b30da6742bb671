using System.Net.Sockets;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Cluster;
using Instancer.EndToEnd.Nodes;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Clients of one key, one at each node, who ask again and again which backend answers, until they are told to stop.</summary>
internal sealed class Watchers : IAsyncDisposable
{
    private static readonly TimeSpan Thought = TimeSpan.FromMilliseconds(20);

    private readonly History _history = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;

    public Watchers(TestToken token, params LoopbackNode[] nodes) => _asking = Task.WhenAll(nodes.Select(node => AskAsync(token, node)));

    public History History => _history;

    /// <summary>Stops, and sees that the key's backends took turns.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _asking;
        _stop.Dispose();
        HistoryChecker.AssertInOrder(_history);
    }

    private async Task AskAsync(TestToken token, LoopbackNode node)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await node.Node.ConnectAsync(token);
                var sent = _history.Now;
                var pid = await client.AskAsync(Backend.Pid);
                _history.Answers.Enqueue(new Answer("key", pid, sent, _history.Now, node.Name));
            }
            catch (Exception e) when (e is SocketException or InvalidOperationException or TimeoutException)
            {
                _history.Failures.Enqueue(new Failure("key", null, TimeSpan.Zero, _history.Now, node.Name, e.Message));
            }

            // Clients are not machines: nothing is awaited.
            await Task.Delay(Thought, TimeProvider.System);
        }
    }
}
