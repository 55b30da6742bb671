using System.Net;
using Instancer.Gate.Options;
using Instancer.Gate.Parsing;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>Reads the header of the PROXY protocol from a socket, and not a byte of what is behind it.</summary>
internal static class ProxyReader
{
    /// <summary>Room for every header without additions.</summary>
    private const int UsualLength = 128;

    /// <summary>Whether a peer is a proxy that is believed: then its header must come. From anybody else the same bytes are the client's own.</summary>
    public static bool IsTrusted(GateOptions options, IPAddress peer)
    {
        foreach (var block in options.ProxiesIn)
        {
            if (block.Contains(peer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads the header. Never faulted.</summary>
    /// <returns><see cref="ProxyHeaderStep.Complete"/> or <see cref="ProxyHeaderStep.Invalid"/>; or <see cref="ProxyHeaderStep.More"/>, if the peer ended or the call was given up before.</returns>
    public static async Task<ProxyHeaderStep> ReadAsync(IExactSocket socket, CancellationToken cancellationToken)
    {
        var bytes = new byte[UsualLength];
        var received = 0;
        while (true)
        {
            var step = ProxyHeader.Read(bytes.AsSpan(0, received));
            if (step is not ProxyHeaderStep.More { Count: var count })
            {
                return step;
            }

            if (received + count > bytes.Length)
            {
                Array.Resize(ref bytes, received + count);
            }

            var came = await socket.ReadAsync(bytes.AsMemory(received, count), cancellationToken);
            received += came;
            if (came < count)
            {
                return step;
            }
        }
    }
}
