using System.Net;
using System.Net.Sockets;

namespace Instancer.TestKit.Processes;

/// <summary>
/// Ports in a row that nobody else in this process is given. They lie above those that the system chooses itself (Linux: up to
/// 60999), so that no connection takes one by chance.
/// </summary>
/// <param name="First">The first port.</param>
/// <param name="Last">The last port.</param>
public sealed record PortBlock(int First, int Last)
{
    private const int Lowest = 61000;
    private const int Highest = 65535;

    private static readonly Lock Turn = new();

    // Test runs side by side on one machine begin at different places.
    private static int _next = Random.Shared.Next(Lowest, Highest);

    /// <summary>Takes the next block in which every port is free at this moment.</summary>
    public static PortBlock Take(int count)
    {
        lock (Turn)
        {
            while (true)
            {
                var first = _next + count - 1 > Highest ? Lowest : _next;
                _next = first + count;
                if (Enumerable.Range(first, count).All(IsFree))
                {
                    return new PortBlock(first, first + count - 1);
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
