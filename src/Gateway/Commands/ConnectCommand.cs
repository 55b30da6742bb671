using System.Net.Sockets;
using Instancer.Gate.Work;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer connect HOST:PORT</c>: stdin and stdout are as good as the connection itself.</summary>
internal static class ConnectCommand
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Runs until both directions have ended, to the exit code.</summary>
    public static async Task<int> RunAsync(
        PreambleDialer dialer, StandardStreams streams, CommandConsole console, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = await dialer.DialAsync(cancellationToken).ConfigureAwait(false);
            var sending = SendAsync(streams.Input, socket, cancellationToken);
            var receiving = ReceiveAsync(socket, streams.Output, dialer.Work is null ? console.Error : null, cancellationToken);

            // A direction that ended in order leaves the other one as it is. One that failed ends both.
            var first = await Task.WhenAny(sending, receiving).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            await receiving.ConfigureAwait(false);
            if (!streams.IsTerminal)
            {
                await sending.ConfigureAwait(false);
            }

            return ExitCode.Done;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return console.Fail(ExitCode.Failed, $"{dialer.EndPoint.Host}:{dialer.EndPoint.Port}: {e.Message}");
        }
    }

    private static async Task SendAsync(Stream input, Socket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (await input.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            await SendAllAsync(socket, buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    // To whoever has to know is told if the first that comes is the question for a proof of work: by then the gateway has taken the preamble for the answer.
    private static async Task ReceiveAsync(Socket socket, Stream output, TextWriter? unprepared, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            if (unprepared is not null && buffer.AsSpan(0, read).StartsWith(WorkQuestion.Beginning))
            {
                unprepared.WriteLine("instancer: a proof of work is asked for; with --pow it is solved");
            }

            unprepared = null;
            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
        }
    }
}
