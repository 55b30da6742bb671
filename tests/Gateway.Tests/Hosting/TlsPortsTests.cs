using Instancer.Actors.Connections;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Hosting;
using Instancer.Gateway.Net.Tls;
using Instancer.Gateway.Tests.Configuration;
using Instancer.Gateway.Tests.Net;
using Instancer.Gateway.Tests.Net.Tls;
using Instancer.TestKit;
using Instancer.TestKit.Net;

namespace Instancer.Gateway.Tests.Hosting;

/// <summary>What stands in front of a challenge that speaks TLS, before the handshake and behind it.</summary>
public sealed class TlsPortsTests : IAsyncLifetime
{
    // No test waits for the end of it.
    private static readonly SniOptions Patient = new() { HandshakeTimeout = TimeSpan.FromHours(1) };

    private readonly CertificateFiles _files = new();
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("instancer-test-");
    private readonly RecordingLogger _log = new();
    private readonly Rig _rig = new("portable");
    private readonly List<IAsyncDisposable> _open = [];

    [Fact]
    public async Task Who_may_not_connect_is_closed_before_its_handshake()
    {
        var listener = await OpenAsync(""" "addresses": { "deny": ["127.0.0.0/8"] } """);
        var accepting = listener.AcceptAsync();
        using var client = await RawSocket.ConnectAsync(listener.LocalAddress);

        await client.ExpectEndAsync();

        Assert.False(accepting.IsCompleted);
    }

    [Fact]
    public async Task A_place_is_taken_before_the_handshake_once_and_given_back_at_the_end()
    {
        var listener = await OpenAsync(""" "rates": { "atOnce": 1 } """);
        var accepting = listener.AcceptAsync();
        using (var first = await TlsPeer.ConnectAsync(listener.LocalAddress, "any.example"))
        {
            var accepted = Assert.IsType<GatedSocket>(Assert.IsType<AcceptOutcome.Accepted>(await accepting.WaitAsync(RawSocket.Deadline)).Socket);
            accepting = listener.AcceptAsync();
            using var second = await RawSocket.ConnectAsync(listener.LocalAddress);
            await second.ExpectEndAsync();
            accepted.Dispose();
            Assert.Empty(await first.ReceiveToEndAsync());
        }

        using var third = await TlsPeer.ConnectAsync(listener.LocalAddress, "any.example");
        Assert.IsType<AcceptOutcome.Accepted>(await accepting.WaitAsync(RawSocket.Deadline)).Socket.Dispose();
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var open in _open)
        {
            await open.DisposeAsync();
        }

        _rig.Dispose();
        await _files.DisposeAsync();
        _state.Delete(recursive: true);
    }

    private async Task<IListener> OpenAsync(string options)
    {
        var configuration = ConfigurationFile.Loaded($$"""
            { "instancer": { "stateDirectory": "{{_state.FullName}}", "challenges": { "sample": { {{ConfigurationFile.Process}}, {{options}},
              "tls": { "certificate": "{{_files.CertificatePath}}", "key": "{{_files.KeyPath}}" } } } } }
            """);
        var gate = GateHost.Open(configuration, TimeProvider.System, _log);
        _open.Add(gate);
        var (ports, error) = await TlsPorts.OpenAsync(configuration, TimeProvider.System, _log);
        Assert.Null(error);
        _open.Add(ports!);
        return ports!.InFront(new Dictionary<string, IListener> { ["sample"] = _rig.Listener }, gate, Patient, TimeProvider.System, _log)["sample"];
    }
}
