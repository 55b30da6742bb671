using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Actors.Runtime;

namespace Instancer.Gateway.Tests.Admin;

/// <summary>The instances of a node that is not there.</summary>
internal sealed class FakeDirectory : IInstanceDirectory
{
    public List<InstanceInfo> Instances { get; } = [];

    public bool IsGoingDown { get; set; }

    public Task<IReadOnlyList<InstanceInfo>> ListAsync(CancellationToken cancellationToken) => IsGoingDown
        ? throw new AskFailedException("the node is going down")
        : Task.FromResult<IReadOnlyList<InstanceInfo>>([.. Instances]);

    public Task<bool> StopAsync(InstanceKey key, CancellationToken cancellationToken) =>
        Task.FromResult(Instances.RemoveAll(instance => instance.Key == key) > 0);

    public Task<DateTimeOffset?> ExtendAsync(InstanceKey key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var index = Instances.FindIndex(instance => instance.Key == key);
        if (index < 0)
        {
            return Task.FromResult<DateTimeOffset?>(null);
        }

        Instances[index] = Instances[index] with { ExpiresAt = Instances[index].ExpiresAt + duration };
        return Task.FromResult(Instances[index].ExpiresAt);
    }
}
