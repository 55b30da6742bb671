using System.Net;
using System.Text;
using Instancer.Actors.Connections;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Net;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Entry;

/// <summary>A gated listener over real sockets, and a backend. Everybody is admitted, each with a place that counts how often it is given back.</summary>
internal sealed class EntryRig : IEntryWatch, IDisposable
{
    public static readonly GateOptions Proxied = new() { ProxiesIn = [IPNetwork.Parse("127.0.0.0/8")] };

    private readonly List<IDisposable> _open = [];

    public EntryRig(string transport, GateOptions? options = null, TimeProvider? time = null)
    {
        Options = options ?? GateOptions.Open;
        Raw = new Rig(transport);
        var parts = new EntryParts(() => Options) { Admit = source => Admit!(source), Work = source => Work?.Invoke(source), Watch = this };
        Steps = new EntrySteps(parts, new ProxyComplaints(Log, TimeProvider.System));
        Headers = new HeaderReads(Steps, RawSocket.Deadline, time ?? TimeProvider.System, Log, most: 2);
        Listener = new GatedListener(Raw.Listener, Steps, Headers);
        Relay = new GatedRelay(new ForwardRelay(Raw.Transport));
        Admit = source =>
        {
            Places.Add(new Place(source));
            return new Admission(IsAdmitted: true, Places[^1]);
        };
    }

    public GateOptions Options { get; set; }

    public Func<IPEndPoint, Admission> Admit { get; set; }

    public Func<IPEndPoint, Func<IExactSocket, CancellationToken, ValueTask<WorkOutcome>>?>? Work { get; set; }

    public Rig Raw { get; }

    public EntrySteps Steps { get; }

    public HeaderReads Headers { get; }

    public GatedListener Listener { get; }

    public GatedRelay Relay { get; }

    public RecordingLogger Log { get; } = new();

    /// <summary>The places that were given out.</summary>
    public List<Place> Places { get; } = [];

    /// <summary>What the watch was told.</summary>
    public List<string> Seen { get; } = [];

    public void OnFailedPreamble(IPAddress address) => Seen.Add($"failed {address}");

    public void OnStart(IPAddress address) => Seen.Add($"start {address}");

    /// <summary>Connects somebody.</summary>
    public async Task<RawSocket> ConnectAsync()
    {
        var client = await RawSocket.ConnectAsync(Listener.LocalAddress);
        _open.Add(client);
        return client;
    }

    /// <summary>The next client that got through.</summary>
    public async Task<GatedSocket> AcceptAsync()
    {
        var outcome = await Listener.AcceptAsync().WaitAsync(RawSocket.Deadline);
        var socket = Assert.IsType<GatedSocket>(Assert.IsType<AcceptOutcome.Accepted>(outcome).Socket);
        _open.Add(socket);
        return socket;
    }

    /// <summary>Connects a client that sends something, if anything, and accepts it.</summary>
    public async Task<(RawSocket Client, GatedSocket Accepted)> MeetAsync(params byte[] sent)
    {
        var client = await ConnectAsync();
        await client.SendAsync(sent);
        return (client, await AcceptAsync());
    }

    /// <summary>Starts a session of a client.</summary>
    public async Task<(RawSocket Server, ISession Session)> StartAsync(IClientSocket client, IRelay? relay = null)
    {
        var (server, dialled) = await Raw.DialAsync();
        return (server, (relay ?? Relay).Start(client, dialled));
    }

    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        Listener.Dispose();
        Raw.Dispose();
    }

    public static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    /// <summary>Sees that a text is what comes next.</summary>
    public static async Task ExpectAsync(RawSocket socket, string text) => Assert.Equal(text, Encoding.UTF8.GetString(await socket.ReceiveAsync(Encoding.UTF8.GetByteCount(text))));

    /// <summary>A place, and how often it was given back.</summary>
    public sealed class Place(IPEndPoint of) : IDisposable
    {
        private int _returns;

        public IPEndPoint Of => of;

        public int Returns => Volatile.Read(ref _returns);

        /// <summary>Called whenever it is given back, as the first thing.</summary>
        public Action? OnReturn { get; set; }

        public void Dispose()
        {
            OnReturn?.Invoke();
            Interlocked.Increment(ref _returns);
        }
    }
}
