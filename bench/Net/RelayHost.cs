using System.Net;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Actors.Instances;
using Instancer.Actors.Registry;
using Instancer.Gateway.Net;
using Instancer.Gateway.Net.Linux;
using Instancer.Gateway.Net.Portable;

namespace Instancer.Bench.Net;

/// <summary>
/// <c>bench net-proxy --transport epoll|portable --work PORT --hold PORT [--preamble 1]</c>: our listener and relay and nothing else. With a
/// preamble it reads one, looks it up in a dictionary and dials what that says. Prints the two ports it listens on.
/// </summary>
internal sealed class RelayHost(ITransport transport, bool preamble)
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        using ITransport transport = arguments.Text("transport") == "portable" ? new SocketTransport(TimeProvider.System) : new EpollTransport(TimeProvider.System);
        var host = new RelayHost(transport, arguments.Number("preamble", 0) == 1);
        var work = host.Open(arguments.Number("work", 0));
        var hold = host.Open(arguments.Number("hold", 0));
        Console.WriteLine($"{work} {hold}");
        await Console.In.ReadToEndAsync();
        return 0;
    }

    private int Open(int target)
    {
        var listener = transport.Listen(IPAddress.Loopback, 0);
        var address = new TcpBackendAddress(new IPEndPoint(IPAddress.Loopback, target));
        var known = new Dictionary<TokenHash, BackendAddress> { [TokenHash.Of(LoadClient.PreambleToken)] = address };
        _ = Task.Run(() => AcceptAsync(listener, address, known));
        return IPEndPoint.Parse(listener.LocalAddress).Port;
    }

    private async Task AcceptAsync(IListener listener, BackendAddress address, Dictionary<TokenHash, BackendAddress> known)
    {
        while (await listener.AcceptAsync() is AcceptOutcome.Accepted accepted)
        {
            _ = Task.Run(() => ServeAsync(accepted.Socket, address, known));
        }
    }

    private async Task ServeAsync(IClientSocket client, BackendAddress address, Dictionary<TokenHash, BackendAddress> known)
    {
        if (preamble)
        {
            if (await client.ReadPreambleAsync(default) is not PreambleOutcome.Complete complete
                || !known.TryGetValue(TokenHash.Of(complete.Preamble.Token), out var found))
            {
                client.Dispose();
                return;
            }

            address = found;
        }

        if (await transport.DialAsync(address, default) is DialOutcome.Connected connected)
        {
            await transport.Start(client, connected.Socket, new SessionTerms(UnlimitedTenure.Instance)).Completion;
        }
        else
        {
            client.Reset();
        }
    }
}
