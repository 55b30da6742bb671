using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Instancer.EndToEnd.Backends;

/// <summary>
/// A server that does to each connection what its first line says. What one connection saw can be asked for by a later one, which
/// meets the same instance.
/// </summary>
/// <param name="isProxied">Whether every connection begins with a header of the PROXY protocol, version 2.</param>
internal sealed class Backend(bool isProxied = false)
{
    /// <summary>The word that has it be proxied, behind the port.</summary>
    public const string Proxied = "proxied";


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

    /// <summary>Says from where the header says that the connection comes.</summary>
    public const string Source = "source";

    /// <summary>Says <c>FLAG</c> of its environment.</summary>
    public const string Flag = "flag";

    private volatile string _seen = "nothing";

    public async Task ServeAsync(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                var source = isProxied ? await ReadHeaderAsync(client) : "nowhere";
                await ObeyAsync(client, await ReadLineAsync(client), source);
            }
            catch (SocketException)
            {
                client.Close(timeout: 0);
            }
        }
    }

    private async Task ObeyAsync(Socket client, string command, string source)
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
            case Source:
                await SayAsync(client, source);
                break;
            case Flag:
                await SayAsync(client, Environment.GetEnvironmentVariable("FLAG") ?? "none");
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

    // Section 2.2 of HAProxy's proxy-protocol.txt: signature, version and command, family, length; then for IPv4 two addresses and two ports.
    private static async Task<string> ReadHeaderAsync(Socket client)
    {
        var head = await ReadAsync(client, 16);
        var rest = await ReadAsync(client, BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(14)));
        return head.AsSpan(0, 12).SequenceEqual("\r\n\r\n\0\r\nQUIT\n"u8) && head[12] == 0x21 && head[13] == 0x11 && rest.Length == 12
            ? new IPEndPoint(new IPAddress(rest.AsSpan(0, 4)), BinaryPrimitives.ReadUInt16BigEndian(rest.AsSpan(8))).ToString()
            : $"a header of another kind: {Convert.ToHexString(head)} {Convert.ToHexString(rest)}";
    }

    private static async Task<byte[]> ReadAsync(Socket client, int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            received += await client.ReceiveAsync(bytes.AsMemory(received)) is > 0 and var more ? more : throw new SocketException((int)SocketError.ConnectionReset);
        }

        return bytes;
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
