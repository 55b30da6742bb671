using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Nodes;

/// <summary>A test with a node of its own; at its end nothing of it may be left, and no secret may be where it can be seen.</summary>
public abstract class NodeTest(ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<TestNode> _nodes = [];

    private protected NodeHome Home { get; } = new(output);

    /// <summary>The engine in which nothing may be left; null if the test needs none.</summary>
    private protected virtual EngineApi? Engine => null;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        try
        {
            foreach (var node in _nodes.Where(node => !node.Process.HasExited))
            {
                if (Engine is not null)
                {
                    await node.StopInstancesAsync();
                }

                await node.StopAsync();
            }
        }
        finally
        {
            await Home.DisposeAsync(Engine);
        }
    }

    private protected async Task<TestNode> StartAsync()
    {
        var node = await Home.StartNodeAsync();
        _nodes.Add(node);
        return node;
    }
}
