using System.Net;
using Instancer.TestKit.Cluster;

namespace Instancer.TestKit.Simulation.Cluster;

/// <summary>A machine: its clocks, its container engine and its way to the store, which outlive the node that runs on it.</summary>
internal sealed class SimulatedHost(int number, HostClock clock)
{
    public string Name { get; } = $"node-{number}";

    public IPEndPoint Address { get; } = new(IPAddress.Loopback, number);

    public HostClock Clock => clock;

    public FakeEngine Engine { get; } = new($"node-{number}/");

    /// <summary>How its way to the store is.</summary>
    public LinkState Link { get; set; }

    /// <summary>The process that runs, or ran last.</summary>
    public ClusterNode? Node { get; set; }

    /// <summary>The process, if it exists.</summary>
    public ClusterNode? Running => Node is { IsRunning: true } node ? node : null;
}
