using System.Collections.Concurrent;
using Instancer.Gateway.Admin;

namespace Instancer.Gateway.Tests.Admin;

/// <summary>What nodes there are, and whether this one was asked to stop.</summary>
internal sealed class FakeNode : INodeDirectory, IDrain
{
    private int _looks;

    public List<NodeView> Others { get; } = [];

    public ConcurrentQueue<string> Askers { get; } = [];

    public bool IsAsked => !Askers.IsEmpty;

    public void Ask(string by) => Askers.Enqueue(by);

    /// <summary>How often somebody asked which nodes there are.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public Task<IReadOnlyList<NodeView>> ListAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _looks);
        return Task.FromResult<IReadOnlyList<NodeView>>([.. Others, View("node-1") with { Here = true, Draining = IsAsked }]);
    }

    public static NodeView View(string name) => new()
    {
        Name = name,
        Advertise = "10.0.0.1:7946",
        Here = false,
        Place = true,
        Draining = false,
        Challenges = new Dictionary<string, ChallengeView> { ["pwn"] = new(2, 100), ["web"] = new(0, 5) },
    };
}
