using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>What a container that is started is put on.</summary>
internal interface IContainerNetwork
{
    /// <summary>The network that it is made on.</summary>
    string Name { get; }

    /// <summary>Sees to it that the network is there, and whoever has to be on it.</summary>
    ValueTask<EngineResult<Network>> EnsureAsync(CancellationToken cancellationToken);

    /// <summary>To be called when the engine said that the network is not there, or there more than once.</summary>
    void Forget();

    /// <summary>Puts the container, which was made and not yet started, on what else it is to be on.</summary>
    ValueTask<EngineError?> AttachAsync(string container, CancellationToken cancellationToken) => ValueTask.FromResult<EngineError?>(null);
}
