using System.Net;
using System.Net.Sockets;
using System.Text;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Net;

namespace Instancer.EndToEnd.Entry;

/// <summary>What clients of these tests do besides.</summary>
internal static class Clients
{
    /// <summary>Connects from an address of loopback that is not the default one, or is.</summary>
    public static async Task<RawSocket> ConnectFromAsync(this TestNode node, string source, string? challenge = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Parse(source), 0));
        using var deadline = new CancellationTokenSource(RawSocket.Deadline);
        await socket.ConnectAsync(node.EndPoint(challenge), deadline.Token);
        return RawSocket.Take(socket);
    }

    /// <summary>Sends bytes and reads the line that comes back; null if the connection is closed instead, in order or not.</summary>
    public static async Task<string?> TryAskAsync(this RawSocket client, byte[] bytes)
    {
        try
        {
            await client.SendAsync(bytes);
            return await client.ReceiveLineAsync();
        }
        catch (Exception e) when (e is InvalidOperationException or SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown })
        {
            return null;
        }
    }

    /// <summary>Sends text as it is.</summary>
    public static Task SendAsync(this RawSocket client, string text) => client.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>Sees that exactly this text comes, and then the end.</summary>
    public static async Task ExpectLastAsync(this RawSocket client, string text) => Assert.Equal(text, Encoding.ASCII.GetString(await client.ReceiveToEndAsync()));

    /// <summary>Sees that exactly this text comes next.</summary>
    public static async Task ExpectAsync(this RawSocket client, string text) => Assert.Equal(text, Encoding.ASCII.GetString(await client.ReceiveAsync(text.Length)));
}
