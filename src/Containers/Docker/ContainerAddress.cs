using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Instancer.Containers.Docker;

/// <summary>
/// How one container is reached; written as <c>namespace/CONTAINERPORT</c>, <c>bridge/CONTAINERPORT</c>,
/// <c>joined/CONTAINERPORT/NETWORK</c> or <c>published/CONTAINERPORT/ADDRESS:PORT</c>.
/// </summary>
internal abstract record ContainerAddress(int ContainerPort)
{
    /// <summary>From inside its network namespace.</summary>
    public sealed record Namespace(int ContainerPort) : ContainerAddress(ContainerPort)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"namespace/{ContainerPort}");
    }

    /// <summary>Its own IP.</summary>
    public sealed record Bridge(int ContainerPort) : ContainerAddress(ContainerPort)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"bridge/{ContainerPort}");
    }

    /// <summary>Its own IP on a network that the gateway's container joins.</summary>
    public sealed record Joined(int ContainerPort, string Network) : ContainerAddress(ContainerPort)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"joined/{ContainerPort}/{Network}");
    }

    /// <summary>A port of the engine's host.</summary>
    public sealed record Published(int ContainerPort, IPEndPoint EndPoint) : ContainerAddress(ContainerPort)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"published/{ContainerPort}/{EndPoint}");
    }

    /// <summary>The port of the node's pool that is occupied, if any.</summary>
    public int? HostPort => (this as Published)?.EndPoint.Port;

    public static bool TryParse(string? text, [NotNullWhen(true)] out ContainerAddress? address)
    {
        address = text?.Split('/') switch
        {
            ["namespace", var port] when Port(port) is { } number => new Namespace(number),
            ["bridge", var port] when Port(port) is { } number => new Bridge(number),
            ["joined", var port, var network] when Port(port) is { } number && network.Length > 0 => new Joined(number, network),
            ["published", var port, var host] when Port(port) is { } number && IPEndPoint.TryParse(host, out var endPoint) => new Published(number, endPoint),
            _ => null,
        };
        return address is not null;
    }

    private static int? Port(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null;
}
