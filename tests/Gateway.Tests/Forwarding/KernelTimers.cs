using System.Globalization;

namespace Instancer.Gateway.Tests.Forwarding;

/// <summary>What the kernel has planned for connections (Linux), as in proc(5).</summary>
internal static class KernelTimers
{
    private const string Established = "01";
    private const string KeepAlive = "02";

    /// <summary>Whether each established connection with these ports is asked for a sign of life when it is silent; there must be one.</summary>
    public static bool KeepsAlive(int? local = null, int? remote = null)
    {
        var timers = File.ReadLines("/proc/net/tcp").Skip(1)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(field => field[3] == Established && IsPort(field[1], local) && IsPort(field[2], remote))
            .Select(field => field[5][..2])
            .ToList();
        Assert.NotEmpty(timers);
        return timers.TrueForAll(timer => timer == KeepAlive);
    }

    private static bool IsPort(string address, int? port) =>
        port is null || int.Parse(address[(address.IndexOf(':', StringComparison.Ordinal) + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture) == port;
}
