using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Instancer.Actors.Instances;
using SystemProcess = System.Diagnostics.Process;

namespace Instancer.Containers.Tests;

/// <summary>Talks to a line server as a session does.</summary>
internal static class LineClient
{
    public static async Task<string?> AskAsync(BackendAddress address, string line)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        if (address is NamespaceBackendAddress inside)
        {
            return await AskInsideAsync(inside, line, deadline.Token);
        }

        using var client = new TcpClient();
        await client.ConnectAsync(((TcpBackendAddress)address).EndPoint, deadline.Token);
        await using var stream = client.GetStream();
        await using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\n" };
        using var reader = new StreamReader(stream);
        await writer.WriteLineAsync(line.AsMemory(), deadline.Token);
        return await reader.ReadLineAsync(deadline.Token);
    }

    /// <summary>What the shell behind an address says to a script, on standard error too, until it ends.</summary>
    public static async Task<string> RunAsync(BackendAddress address, string script)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30), TimeProvider.System);
        using var client = new TcpClient();
        await client.ConnectAsync(((TcpBackendAddress)address).EndPoint, deadline.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"exec 2>&1\n{script}\n"), deadline.Token);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return (await reader.ReadToEndAsync(deadline.Token)).TrimEnd('\n');
    }

    // By programs of the system, and not by what the gateway does.
    private static async Task<string?> AskInsideAsync(NamespaceBackendAddress address, string line, CancellationToken cancellationToken)
    {
        string[] words =
        [
            string.Create(CultureInfo.InvariantCulture, $"--net=/proc/{address.ProcessId}/ns/net"),
            "/bin/sh", "-c", "printf '%s\\n' \"$1\" | busybox nc \"$2\" \"$3\"", "sh",
            line, address.EndPoint.Address.ToString(), address.EndPoint.Port.ToString(CultureInfo.InvariantCulture),
        ];
        using var client = SystemProcess.Start(new ProcessStartInfo("nsenter", words) { RedirectStandardOutput = true })!;
        var answer = await client.StandardOutput.ReadLineAsync(cancellationToken);
        await client.StandardOutput.ReadToEndAsync(cancellationToken);
        await client.WaitForExitAsync(cancellationToken);
        return answer;
    }

    /// <summary>A port that is free at this moment, below the system's own choices, so that nothing else takes it by chance.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10000, 32000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }
}
