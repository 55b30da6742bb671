using System.Buffers.Binary;
using System.Net.Sockets;
using Instancer.TestKit.Net;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Somebody on the way between two nodes, who passes everything on and remembers what the dialling node said last.</summary>
internal sealed class Overhearing : IFaults
{
    // Magic, version, kind, nonce; then comes the payload's length, and behind the payload the signature.
    private const int LengthAt = 4 + 1 + 1 + 16;
    private const int SignatureLength = 32;

    private readonly MemoryStream _said = new();

    /// <summary>The request, without what followed it.</summary>
    public byte[] Request
    {
        get
        {
            lock (_said)
            {
                var said = _said.ToArray();
                return said[..(LengthAt + sizeof(int) + BinaryPrimitives.ReadInt32BigEndian(said.AsSpan(LengthAt)) + SignatureLength)];
            }
        }
    }

    public Task PassAsync(ProxiedConnection connection, CancellationToken stopped)
    {
        lock (_said)
        {
            _said.SetLength(0);
        }

        return Task.WhenAll(PassAsync(connection.Client, connection.Target, _said, stopped), PassAsync(connection.Target, connection.Client, null, stopped));
    }

    private static async Task PassAsync(Socket source, Socket sink, MemoryStream? remembered, CancellationToken stopped)
    {
        var chunk = new byte[4096];
        while (await source.ReceiveAsync(chunk, stopped) is > 0 and var count)
        {
            if (remembered is not null)
            {
                lock (remembered)
                {
                    remembered.Write(chunk, 0, count);
                }
            }

            await sink.SendAsync(chunk.AsMemory(0, count), stopped);
        }

        sink.Shutdown(SocketShutdown.Send);
    }
}
