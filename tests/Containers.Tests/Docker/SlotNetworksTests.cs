using System.Text.Json.Nodes;
using Instancer.Containers.Docker;
using Instancer.Containers.Docker.Engine;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Containers.Tests.Docker;

/// <summary>Which network a start beside a gateway in a container is given, and what it asks of the engine for it.</summary>
public sealed class SlotNetworksTests : IAsyncLifetime
{
    private const string Own = "53e1032db307bcc1155b9b662d7edd35b569ed426eb2f84b8090640c2ef69280";
    private const string First = "instancer-node-1-slot-1";
    private const string Second = "instancer-node-1-slot-2";

    private readonly FakeNetworks _networks = new("node-1");
    private FakeEngine _engine = null!;
    private EngineClient _client = null!;
    private SlotNetworks _slots = null!;

    public async Task InitializeAsync()
    {
        _engine = await FakeEngine.StartAsync();
        _engine.Networks = _networks;
        _client = new EngineClient(EngineEndpoint.Of(new DockerRuntimeOptions { Node = "node-1", Host = _engine.Host }));
        var joining = new SlotJoining(_client, "node-1", new GatewayContainer(_client, Own), new NodeNetworks(_client, "node-1", NullLogger.Instance), NullLogger.Instance);
        _slots = new SlotNetworks(_client, "node-1", joining);
    }

    public async Task DisposeAsync()
    {
        _slots.Dispose();
        _client.Dispose();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task A_start_that_ends_while_the_engine_lists_has_its_slot_to_itself()
    {
        var first = await TakenAsync();
        _engine.Listed = _ =>
        {
            // What the engine is about to answer is from before this.
            Occupy(first.SlotName);
            first.Dispose();
        };
        using var second = await TakenAsync();
        Assert.Equal(Second, second.SlotName);
    }

    [Fact]
    public async Task A_slot_that_was_given_back_and_is_empty_is_given_again()
    {
        (await TakenAsync()).Dispose();
        using var again = await TakenAsync();
        Assert.Equal(First, again.SlotName);
        Occupy(Second);
        using var next = await TakenAsync();
        Assert.Equal("instancer-node-1-slot-3", next.SlotName);
    }

    [Fact]
    public async Task All_who_need_one_network_at_once_make_one()
    {
        var mayGoOn = new TaskCompletionSource();
        _networks.CreateMayGoOn = mayGoOn.Task;
        using var impatient = new CancellationTokenSource();
        var givenUp = _slots.TakeAsync(null, impatient.Token);
        await Until.TrueAsync(() => Creations() == 1);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);

        var (taking, probing) = (TakenAsync(), _slots.EnsureLowestAsync(CancellationToken.None));
        await Until.TrueAsync(() => Lists() == 2);
        mayGoOn.SetResult();
        Assert.Equal(First, (await taking).SlotName);
        Assert.True((await probing).Succeeded);
        Assert.Single(_networks.Of(First));
        Assert.Equal(1, Creations());
    }

    [Fact]
    public async Task Of_several_networks_of_one_name_the_one_in_use_stays()
    {
        _networks.Add(First);
        var used = _networks.Add(First, null, "instance");
        _networks.Add(First);
        using var slot = await TakenAsync();
        Assert.Equal(First, slot.SlotName);
        Assert.Equal([used], _networks.Of(First));
    }

    [Fact]
    public async Task Of_several_networks_of_one_name_those_in_use_and_strangers_are_left_alone()
    {
        _networks.Add(First, null, "instance");
        _networks.Add(First, null, "another");
        _networks.Add(Second, "somebody");
        _networks.Add(Second);
        using var slot = await TakenAsync();
        Assert.Equal("instancer-node-1-slot-3", slot.SlotName);
        Assert.Equal((2, 2), (_networks.Of(First).Length, _networks.Of(Second).Length));
    }

    [Fact]
    public async Task One_whose_name_is_a_strangers_is_passed_over()
    {
        _networks.Add(First, "somebody");
        using var slot = await TakenAsync();
        Assert.Equal(Second, slot.SlotName);
        Assert.Equal(Second, (await _slots.EnsureLowestAsync(CancellationToken.None)).Value?.Name);
    }

    [Fact]
    public async Task One_that_the_gateway_is_said_to_be_on_and_is_not_is_passed_over()
    {
        _networks.Stale.Add(First);
        using var slot = await TakenAsync();
        Assert.Equal(Second, slot.SlotName);
    }

    [Fact]
    public async Task What_is_no_fault_of_the_slot_fails_at_once()
    {
        const string NoPool = "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network";
        _engine.Networks = null;
        _engine.NetworkRefusal = NoPool;
        Assert.Equal(NoPool, (await _slots.TakeAsync(null, CancellationToken.None)).Error?.Message);
        Assert.Equal(1, Creations());
    }

    [Fact]
    public async Task A_start_asks_for_no_more_than_it_needs()
    {
        await _client.NegotiateAsync(CancellationToken.None);
        _engine.Requests.Clear();
        using (var made = await TakenAsync())
        {
            Assert.True((await made.EnsureAsync(CancellationToken.None)).Succeeded);
        }

        const string Listing = "GET /v1.41/containers/json", Looking = "GET /v1.41/networks/" + First;
        Assert.Equal([Listing, Looking, "POST /v1.41/networks/create", $"POST /v1.41/networks/{First}/connect", Looking], _engine.Requests);
        _engine.Requests.Clear();
        using var found = await TakenAsync();
        Assert.True((await found.EnsureAsync(CancellationToken.None)).Succeeded);
        Assert.Equal([Listing, Looking], _engine.Requests);

        found.Forget();
        Assert.True((await found.EnsureAsync(CancellationToken.None)).Succeeded);
        Assert.Equal([Listing, Looking, Looking], _engine.Requests);
    }

    private async Task<Slot> TakenAsync()
    {
        var taken = await _slots.TakeAsync(null, CancellationToken.None).WaitAsync(Until.Deadline);
        return taken.Value ?? throw new InvalidOperationException(taken.Error!.Message);
    }

    private void Occupy(string network)
    {
        var networks = new JsonObject { [network] = new JsonObject() };
        _engine.Containers[network] = new JsonObject { ["Id"] = network, ["NetworkSettings"] = new JsonObject { ["Networks"] = networks } };
    }

    private int Lists() => _engine.Requests.Count(request => request.EndsWith("containers/json", StringComparison.Ordinal));

    private int Creations() => _engine.Requests.Count(request => request == "POST /v1.41/networks/create");
}
