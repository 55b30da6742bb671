using System.Net.Sockets;
using System.Text;
using Instancer.TestKit.Net;

namespace Instancer.EndToEnd.Nodes;

/// <summary>What clients of these tests do with their sockets.</summary>
internal static class RawSocketExtensions
{
    /// <summary>Sends a line and reads the line that comes back, and not a byte more.</summary>
    public static async Task<string> AskAsync(this RawSocket client, string line)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(line + "\n"));
        return await client.ReceiveLineAsync();
    }

    public static async Task<string> ReceiveLineAsync(this RawSocket client)
    {
        var line = new StringBuilder();
        while ((char)(await client.ReceiveAsync(1))[0] is not '\n' and var character)
        {
            line.Append(character);
        }

        return line.ToString();
    }

    /// <summary>
    /// Sees that the session is over and sends nothing before. Its backend was killed: whether that shows as an end, which is the kernel's
    /// doing, or as a reset, which is the gateway's, is up to which of them comes first.
    /// </summary>
    public static async Task ExpectGoneAsync(this RawSocket client)
    {
        try
        {
            await client.ExpectEndAsync();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return;
        }
    }
}
