using System.Globalization;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>
/// The networks on which a gateway in a container meets its instances: one for each instance that there is, made when it is first needed and then used again and
/// again. A network that keeps its containers apart would keep the gateway from them too; so on each of these are the gateway and at most one
/// instance. The host itself has no address there. The engine is the truth about which are free: those that no container of the node, running or not, is on.
/// </summary>
internal sealed class SlotNetworks(EngineClient engine, string node, SlotJoining joining) : IDisposable
{
    // How many are passed over that are of no use, each for a reason of its own.
    private const int MostTries = 16;

    private readonly SemaphoreSlim _choosing = new(1, 1);
    // Those that starts have, whose containers the engine may not have made yet.
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    private readonly string _prefix = $"instancer-{ContainerName.Escape(node)}-slot-";

    /// <summary>The lowest one that is free and of use. To be disposed of when the start is over.</summary>
    /// <param name="wayOut">The network with a way out that the container is to be on as well; null for none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<EngineResult<Slot>> TakeAsync(IContainerNetwork? wayOut, CancellationToken cancellationToken)
    {
        HashSet<string> useless = new(StringComparer.Ordinal);
        while (true)
        {
            var chosen = await ChooseAsync(useless, cancellationToken);
            if (chosen.Value is not { } name)
            {
                return chosen.Error!;
            }

            var isTaken = false;
            try
            {
                var network = await joining.EnsureAsync(name, cancellationToken);
                if (network.Succeeded)
                {
                    isTaken = true;
                    return new Slot(this, joining, name, network.Value, wayOut);
                }

                useless.Add(name);
                if (!IsItsOwn(network.Error) || useless.Count == MostTries)
                {
                    return network.Error;
                }
            }
            finally
            {
                if (!isTaken)
                {
                    Return(name);
                }
            }
        }
    }

    /// <summary>The lowest one that is of use, whoever is on it, with the gateway on it.</summary>
    public async Task<EngineResult<Network>> EnsureLowestAsync(CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            var network = await joining.EnsureAsync(NameOf(number), cancellationToken);
            if (network.Succeeded || !IsItsOwn(network.Error) || number == MostTries)
            {
                return network;
            }
        }
    }

    /// <summary>To be called when a start that had it is over.</summary>
    public void Return(string name)
    {
        lock (_given)
        {
            _given.Remove(name);
        }
    }

    public void Dispose() => _choosing.Dispose();

    // The name of one that is given from now on.
    private async Task<EngineResult<string>> ChooseAsync(HashSet<string> useless, CancellationToken cancellationToken)
    {
        await _choosing.WaitAsync(cancellationToken);
        try
        {
            // Before the engine is asked: of a start that ends meanwhile its list may not show the container yet.
            HashSet<string> taken;
            lock (_given)
            {
                taken = [.. _given, .. useless];
            }

            var listed = await engine.ListContainersAsync([$"{ContainerLabels.NodeLabel}={node}"], cancellationToken);
            if (!listed.Succeeded)
            {
                return listed.Error;
            }

            taken.UnionWith(listed.Value.SelectMany(container => container.NetworkSettings?.Networks?.Keys ?? []));
            lock (_given)
            {
                var number = 1;
                while (taken.Contains(NameOf(number)) || !_given.Add(NameOf(number)))
                {
                    number++;
                }

                return NameOf(number);
            }
        }
        finally
        {
            _choosing.Release();
        }
    }

    // Whether the next one may do. Where there is no engine or no room for a network, or what is not found is the gateway, it will not either.
    private static bool IsItsOwn(EngineError error) => !error.IsUnreachable && !error.IsNotFound && !StartFailures.IsWithoutPools(error);

    private string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{_prefix}{number}");
}
