using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Instancer.EndToEnd.Loopback;

/// <summary>Answers over HTTP as an etcd of version 2 does: it says its version, and knows nothing of what later ones do.</summary>
internal sealed class OldStore : IAsyncDisposable
{
    public const string Version = "2.3.8";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public OldStore()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It was stopped.
            return;
        }
    }

    private static async Task AnswerAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        var request = await reader.ReadLineAsync();
        for (var header = request; !string.IsNullOrEmpty(header); header = await reader.ReadLineAsync())
        {
            // None of them matters.
        }

        var (status, body) = request?.Split(' ')[1] == "/version" ? ("200 OK", $$"""{"etcdserver":"{{Version}}","etcdcluster":"2.3.0"}""") : ("404 Not Found", "404 page not found\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"));
    }
}
