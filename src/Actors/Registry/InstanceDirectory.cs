using Instancer.Actors.Instances;
using Instancer.Actors.Reaping;
using Instancer.Actors.Runtime;

namespace Instancer.Actors.Registry;

/// <summary>Asks the registry for operators.</summary>
internal sealed class InstanceDirectory(ActorRef<RegistryMessage> registry) : IInstanceDirectory
{
    public Task<IReadOnlyList<InstanceInfo>> ListAsync(CancellationToken cancellationToken)
        => registry.AskAsync<RegistryMessage, IReadOnlyList<InstanceInfo>>(
            reply => new RegistryMessage.List(reply), cancellationToken);

    public Task<bool> StopAsync(InstanceKey key, CancellationToken cancellationToken) => StopAsync(key, StopCause.Operator, cancellationToken);

    /// <summary>As the other, for whatever cause.</summary>
    public Task<bool> StopAsync(InstanceKey key, StopCause cause, CancellationToken cancellationToken)
        => registry.AskAsync<RegistryMessage, bool>(reply => new RegistryMessage.Stop(key, cause, reply), cancellationToken);

    public Task<DateTimeOffset?> ExtendAsync(InstanceKey key, TimeSpan duration, CancellationToken cancellationToken)
        => registry.AskAsync<RegistryMessage, DateTimeOffset?>(
            reply => new RegistryMessage.Extend(key, duration, reply), cancellationToken);
}
