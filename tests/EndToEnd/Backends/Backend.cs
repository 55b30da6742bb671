using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Instancer.EndToEnd.Backends;

/// <summary>
/// A server that does to each connection what its first line says. What one connection saw can be asked for by a later one, which
/// meets the same instance.
/// </summary>
internal sealed class Backend
{
    /// <summary>Sends back what it gets, and ends when the client has.</summary>
    public const string Echo = "echo";

    /// <summary>Says <c>ended</c>, ends its sending side, and goes on reading to the client's end; see <see cref="Seen"/>.</summary>
    public const string End = "end";

    /// <summary>Says <c>watching</c> and reads to the client's end or reset; see <see cref="Seen"/>.</summary>
    public const string Watch = "watch";

    /// <summary>Says what <see cref="End"/> and <see cref="Watch"/> saw: <c>end N</c> or <c>reset N</c>, N the bytes that came; or <c>nothing</c>.</summary>
    public const string Seen = "seen";

    /// <summary>Says <c>resetting</c>, waits for a byte, and resets the connection.</summary>
    public const string Reset = "reset";

    /// <summary>Says <c>dying</c>, waits for a byte, and kills the process.</summary>
    public const string Die = "die";

    /// <summary>Says its process id, and stays until the client's end.</summary>
    public const string Pid = "pid";

    private volatile string _seen = "nothing";

    public async Task ServeAsync(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await ObeyAsync(client, await ReadLineAsync(client));
            }
            catch (SocketException)
            {
                client.Close(timeout: 0);
            }
        }
    }

    private async Task ObeyAsync(Socket client, string command)
    {
        switch (command)
        {
            case Echo:
                await EchoAsync(client);
                break;
            case End:
                await SayAsync(client, "ended");
                client.Shutdown(SocketShutdown.Send);
                await WatchAsync(client);
                break;
            case Watch:
                await SayAsync(client, "watching");
                await WatchAsync(client);
                break;
            case Seen:
                await SayAsync(client, _seen);
                break;
            case Reset:
                await SayAsync(client, "resetting");
                await client.ReceiveAsync(new byte[1]);
                client.Close(timeout: 0);
                break;
            case Die:
                await SayAsync(client, "dying");
                await client.ReceiveAsync(new byte[1]);
                Process.GetCurrentProcess().Kill();
                break;
            case Pid:
                await SayAsync(client, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
                await WatchAsync(client);
                break;
        }
    }

    private static async Task EchoAsync(Socket client)
    {
        var buffer = new byte[64 * 1024];
        while (await client.ReceiveAsync(buffer) is > 0 and var count)
        {
            await client.SendAsync(buffer.AsMemory(0, count));
        }

        client.Shutdown(SocketShutdown.Send);
    }

    private async Task WatchAsync(Socket client)
    {
        var buffer = new byte[64 * 1024];
        var received = 0;
        try
        {
            while (await client.ReceiveAsync(buffer) is > 0 and var count)
            {
                received += count;
            }

            _seen = $"end {received}";
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            _seen = $"reset {received}";
        }
    }

    private static Task<int> SayAsync(Socket client, string line) => client.SendAsync(Encoding.ASCII.GetBytes(line + "\n"));

    private static async Task<string> ReadLineAsync(Socket client)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await client.ReceiveAsync(one) > 0 && one[0] != (byte)'\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString();
    }
}
