using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Instancer.TestKit.Net;

namespace Instancer.TestKit.Docker;

/// <summary>What happens to a request on its way to the engine.</summary>
public enum RequestFault
{
    /// <summary>It waits until <see cref="RequestFaults.Release"/>, and is passed on then.</summary>
    Hold,

    /// <summary>It does not reach the engine; the answer is a 500 with <see cref="RequestFaults.Message"/>.</summary>
    Refuse,

    /// <summary>It does not reach the engine; the connection is cut.</summary>
    CutBefore,

    /// <summary>The engine carries it out; the connection is cut after the first bytes of its answer.</summary>
    CutInAnswer,

    /// <summary>The connection is cut, and what was asked for reaches the engine at <see cref="RequestFaults.Release"/>.</summary>
    CutAndPassLater,
}

/// <summary>Between a node and the engine: requests that fit get the fault, all others pass.</summary>
public sealed class RequestFaults : IFaults
{
    private const int BytesBeforeCut = 20;

    private readonly ConcurrentDictionary<ProxiedConnection, Exchange> _exchanges = [];
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, RequestFault> _faults = new(StringComparer.Ordinal);

    /// <summary>Ends when a request has met a fault.</summary>
    public Task Met => _met.Task;

    /// <summary>What the engine is made to say in a <see cref="RequestFault.Refuse"/>.</summary>
    public string Message { get; set; } = "the proxy refuses";

    /// <summary>From now on, requests whose first line has <paramref name="part"/> (such as <c>POST /v1.41/containers/create</c>) meet the fault.</summary>
    public RequestFaults On(string part, RequestFault fault)
    {
        _faults[part] = fault;
        return this;
    }

    /// <summary>No faults from now on, but what is held back stays so.</summary>
    public void Clear() => _faults.Clear();

    /// <summary>No faults from now on; what is held back passes.</summary>
    public void Release()
    {
        _faults.Clear();
        _released.TrySetResult();
    }

    /// <summary>Cuts the connections whose latest request has <paramref name="part"/> in its first line.</summary>
    public void Cut(string part)
    {
        foreach (var (connection, exchange) in _exchanges)
        {
            if (exchange.Line.Contains(part, StringComparison.Ordinal))
            {
                connection.Cut();
            }
        }
    }

    /// <inheritdoc/>
    public async Task PassAsync(ProxiedConnection connection, CancellationToken stopped)
    {
        var exchange = _exchanges[connection] = new Exchange();
        var requests = PassRequestsAsync(connection, exchange, stopped);
        var answers = PassAnswersAsync(connection, exchange, stopped);
        try
        {
            // The engine's end of a connection, and the node's, end it whole: HTTP has no use for half of one.
            await await Task.WhenAny(requests, answers);
        }
        finally
        {
            connection.Cut();
            _exchanges.TryRemove(connection, out _);
            await Task.WhenAll(requests, answers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassRequestsAsync(ProxiedConnection connection, Exchange exchange, CancellationToken stopped)
    {
        while (await ReadRequestAsync(connection.Client, stopped) is { } request)
        {
            exchange.Line = Encoding.ASCII.GetString(request, 0, Array.IndexOf(request, (byte)'\r'));
            var fault = FaultOf(exchange.Line);
            if (fault is not null)
            {
                _met.TrySetResult();
            }

            switch (fault)
            {
                case RequestFault.Hold:
                    await _released.Task.WaitAsync(stopped);
                    break;
                case RequestFault.Refuse:
                    await SendAsync(connection.Client, Refusal(), stopped);
                    return;
                case RequestFault.CutBefore:
                    return;
                case RequestFault.CutInAnswer:
                    exchange.CutsAnswer = true;
                    break;
                case RequestFault.CutAndPassLater:
                    var engine = connection.Target.RemoteEndPoint!;
                    connection.Cut();
                    await _released.Task.WaitAsync(stopped);
                    await PassLateAsync(engine, request, stopped);
                    return;
            }

            await SendAsync(connection.Target, request, stopped);
        }
    }

    private static async Task PassAnswersAsync(ProxiedConnection connection, Exchange exchange, CancellationToken stopped)
    {
        var chunk = new byte[64 * 1024];
        while (await connection.Target.ReceiveAsync(chunk, stopped) is > 0 and var count)
        {
            if (exchange.CutsAnswer)
            {
                await SendAsync(connection.Client, chunk.AsMemory(0, Math.Min(count, BytesBeforeCut)), stopped);
                return;
            }

            await SendAsync(connection.Client, chunk.AsMemory(0, count), stopped);
        }
    }

    private static async Task PassLateAsync(EndPoint engine, byte[] request, CancellationToken stopped)
    {
        using var late = new Socket(engine.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await late.ConnectAsync(engine, stopped);
        await SendAsync(late, request, stopped);
        await late.ReceiveAsync(new byte[BytesBeforeCut], stopped);
    }

    private RequestFault? FaultOf(string line)
    {
        foreach (var (part, fault) in _faults)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return fault;
            }
        }

        return null;
    }

    private byte[] Refusal()
    {
        var body = new JsonObject { ["message"] = Message }.ToJsonString();
        return Encoding.UTF8.GetBytes(
            $"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}");
    }

    /// <summary>The whole of the next request; null when the node has no more.</summary>
    private static async Task<byte[]?> ReadRequestAsync(Socket node, CancellationToken stopped)
    {
        using var request = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (await node.ReceiveAsync(chunk, stopped) is > 0 and var count)
        {
            request.Write(chunk, 0, count);
            if (IsWhole(request.GetBuffer().AsSpan(0, (int)request.Length)))
            {
                return request.ToArray();
            }
        }

        return null;
    }

    // The node sends the next request when it has the answer: nothing follows this one.
    private static bool IsWhole(ReadOnlySpan<byte> request)
    {
        var end = request.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        const string LengthHeader = "content-length:";
        var length = Encoding.ASCII.GetString(request[..end]).Split("\r\n").FirstOrDefault(line => line.StartsWith(LengthHeader, StringComparison.OrdinalIgnoreCase));
        return request.Length >= end + 4 + (length is null ? 0 : int.Parse(length.AsSpan(LengthHeader.Length), CultureInfo.InvariantCulture));
    }

    private static async Task SendAsync(Socket sink, ReadOnlyMemory<byte> bytes, CancellationToken stopped)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await sink.SendAsync(bytes, stopped)..];
        }
    }

    /// <summary>What is under way on one connection.</summary>
    private sealed class Exchange
    {
        public string Line { get; set; } = "";

        public volatile bool CutsAnswer;
    }
}
