using System.Net;

namespace Instancer.Actors.Instances;

/// <summary>A running backend, as its runtime knows it.</summary>
public sealed class Backend
{
    /// <summary>The runtime's own name for this very backend (container id, process id and start time): never used twice.</summary>
    public required string Id { get; init; }

    /// <summary>Where sessions dial.</summary>
    public required BackendAddress Address { get; init; }

    /// <summary>The port of the node's pool that it occupies, if any.</summary>
    public int? Port { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Ends, never faulted, when the backend has ended, by itself or not.</summary>
    public required Task<BackendExit> Exited { get; init; }

    /// <summary>The same backend, counted as started at <paramref name="createdAt"/>: a spare's life begins with its first client.</summary>
    public Backend AsOf(DateTimeOffset createdAt) => new() { Id = Id, Address = Address, Port = Port, CreatedAt = createdAt, Exited = Exited };
}

/// <summary>How a backend ended.</summary>
/// <param name="Reason">In one line: <c>exited with status 1</c>, <c>killed by signal 9</c>, <c>removed from outside</c>.</param>
public sealed record BackendExit(string Reason);

/// <summary>Where a backend is dialled.</summary>
public abstract record BackendAddress;

/// <summary>A backend that is dialled by TCP from the gateway's own network.</summary>
/// <param name="EndPoint">Address and port.</param>
public sealed record TcpBackendAddress(IPEndPoint EndPoint) : BackendAddress
{
    /// <inheritdoc/>
    public override string ToString() => EndPoint.ToString();
}

/// <summary>A backend that is dialled by TCP from inside its container's network namespace, which no other network leads into.</summary>
/// <param name="ProcessId">
/// A process in the namespace. By the time of a dial the number may be another process's, so it counts only together with the container.
/// </param>
/// <param name="ContainerId">The container that the process has to be one of; if it is not, nothing is dialled.</param>
/// <param name="EndPoint">Address and port in there.</param>
public sealed record NamespaceBackendAddress(int ProcessId, string ContainerId, IPEndPoint EndPoint) : BackendAddress
{
    private const int ShortLength = 12;

    /// <inheritdoc/>
    public override string ToString() => $"{EndPoint} in the network of container {ContainerId[..Math.Min(ShortLength, ContainerId.Length)]}";
}
