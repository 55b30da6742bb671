using Instancer.Actors.Connections;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Forwarding;
using Instancer.Gateway.Net;
using Instancer.Gateway.Tests.Net;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Tests.Entry;

/// <summary>A client's place is given back once, when its connection is over, whatever ends it.</summary>
public sealed class PlaceTests
{
    [Theory, EachTransport]
    public async Task Closed_or_reset_without_a_session_it_is_given_back_once(string transport)
    {
        foreach (var end in (Action<IClientSocket>[])[socket => socket.Dispose(), socket => socket.Reset()])
        {
            using var rig = new EntryRig(transport);
            var (_, accepted) = await rig.MeetAsync();
            Assert.Equal(0, rig.Places.Single().Returns);

            end(accepted);
            accepted.Dispose();
            accepted.Reset();

            Assert.Equal(1, rig.Places.Single().Returns);
        }
    }

    [Theory, EachTransport]
    public async Task It_is_free_before_the_client_can_see_that_its_connection_is_over(string transport)
    {
        foreach (var end in (Action<IClientSocket>[])[socket => socket.Dispose(), socket => socket.Reset()])
        {
            using var rig = new EntryRig(transport);
            var (_, accepted) = await rig.MeetAsync();
            var isOpen = false;
            rig.Places.Single().OnReturn = () => isOpen = accepted.TryWrite("still here"u8);

            end(accepted);

            Assert.True(isOpen);
            Assert.False(accepted.TryWrite("gone"u8));
        }
    }

    [Theory, EachTransport]
    public async Task A_session_holds_it_until_it_has_ended(string transport)
    {
        using var rig = new EntryRig(transport);
        var (client, accepted) = await rig.MeetAsync();
        var (server, session) = await rig.StartAsync(accepted);
        var place = rig.Places.Single();

        await client.SendAsync("hello"u8.ToArray());
        await EntryRig.ExpectAsync(server, "hello");
        client.EndSending();
        await server.ExpectEndAsync();
        Assert.Equal(0, place.Returns);

        server.EndSending();
        await client.ExpectEndAsync();
        Assert.Equal(SessionEndCause.Finished, (await session.Completion.WaitAsync(RawSocket.Deadline)).Cause);
        await AssertReturnedAsync(place);
        accepted.Dispose();
        accepted.Reset();
        Assert.Equal(1, place.Returns);
    }

    [Theory, EachTransport]
    public async Task A_session_that_is_reset_by_anybody_gives_it_back_once(string transport)
    {
        foreach (var end in (Action<RawSocket, RawSocket, ISession>[])[(client, _, _) => client.Reset(), (_, server, _) => server.Reset(), (_, _, session) => session.Reset()])
        {
            using var rig = new EntryRig(transport);
            var (client, accepted) = await rig.MeetAsync();
            var (server, session) = await rig.StartAsync(accepted);

            end(client, server, session);

            await session.Completion.WaitAsync(RawSocket.Deadline);
            await AssertReturnedAsync(rig.Places.Single());
        }
    }

    [Theory, EachTransport]
    public async Task The_relays_in_front_may_come_in_either_order(string transport)
    {
        using var rig = new EntryRig(transport);
        foreach (var relay in (IRelay[])[new ForwardRelay(new GatedRelay(rig.Raw.Transport)), new GatedRelay(new ForwardRelay(rig.Raw.Transport))])
        {
            var (client, accepted) = await rig.MeetAsync();
            var (server, session) = await rig.StartAsync(accepted, relay);
            await server.SendAsync("hello"u8.ToArray());
            await EntryRig.ExpectAsync(client, "hello");

            session.Reset();

            await AssertReturnedAsync(rig.Places[^1]);
        }
    }

    [Theory, EachTransport]
    public async Task A_client_without_anything_in_front_is_relayed_as_it_is(string transport)
    {
        using var rig = new EntryRig(transport);
        var (client, accepted) = await rig.Raw.AcceptAsync();
        var (server, _) = await rig.StartAsync(accepted);

        await client.SendAsync("hello"u8.ToArray());

        await EntryRig.ExpectAsync(server, "hello");
    }

    [Theory, EachTransport]
    public async Task Whoever_is_refused_is_closed_without_a_byte_and_the_next_one_served(string transport)
    {
        using var rig = new EntryRig(transport);
        var admit = rig.Admit;
        var refused = 0;
        rig.Admit = source => refused++ < 200 ? admit(source) with { IsAdmitted = false } : admit(source);
        var clients = new List<RawSocket>();
        for (var i = 0; i < 201; i++)
        {
            clients.Add(await rig.ConnectAsync());
        }

        var accepted = await rig.AcceptAsync();

        Assert.Equal(clients[^1].Socket.LocalEndPoint!.ToString(), accepted.RemoteAddress);
        foreach (var client in clients.SkipLast(1))
        {
            await client.ExpectEndAsync();
        }

        Assert.Equal(200, rig.Places.Sum(place => place.Returns));
        Assert.Equal(0, rig.Places[^1].Returns);
    }

    [Theory, EachTransport]
    public async Task What_fails_closes_the_connection_that_it_fails_for(string transport)
    {
        using var rig = new EntryRig(transport);
        rig.Work = _ => throw new InvalidOperationException("planted");
        var client = await rig.ConnectAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(rig.AcceptAsync);

        await client.ExpectEndAsync();
        Assert.Equal(1, rig.Places.Single().Returns);

        rig.Options = EntryRig.Proxied;
        var proxied = await rig.ConnectAsync();
        await proxied.SendAsync(EntryRig.Bytes("PROXY UNKNOWN\r\n"));
        var accepting = rig.AcceptAsync();
        await proxied.ExpectEndAsync();
        Assert.Equal(1, rig.Places[^1].Returns);
        await Eventually.TrueAsync(() => rig.Log.Of(6301).Count == 1, "the failure is logged");

        rig.Work = null;
        await (await rig.ConnectAsync()).SendAsync(EntryRig.Bytes("PROXY UNKNOWN\r\n"));
        await accepting;
    }

    [Theory, EachTransport]
    public async Task What_fails_before_the_header_is_read_closes_the_connection_too(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied);
        var steps = new EntrySteps(new EntryParts(() => rig.Options), new ProxyComplaints(new FailingLogger(), TimeProvider.System));
        using var headers = new HeaderReads(steps, RawSocket.Deadline, TimeProvider.System, rig.Log);
        var (client, raw) = await rig.Raw.AcceptAsync();

        headers.Begin((IAcceptedSocket)raw);
        await client.SendAsync("no header at al"u8.ToArray());

        await client.ExpectEndAsync();
        Assert.Single(rig.Log.Of(6301));
    }

    [Theory, EachTransport]
    public async Task Below_something_else_it_has_the_address_and_the_place_and_says_nothing(string transport)
    {
        using var rig = new EntryRig(transport, EntryRig.Proxied with { Greeting = new() { Refusals = true } });
        var (client, raw) = await rig.Raw.AcceptAsync();
        await client.SendAsync(EntryRig.Bytes("PROXY TCP4 203.0.113.9 198.51.100.1 40000 443\r\nhello"));

        var below = Assert.IsType<GatedSocket>(await rig.Steps.PassBelowAsync((IAcceptedSocket)raw, default));
        Assert.Equal("203.0.113.9:40000", below.RemoteAddress);
        below.Notify(new ClientNotice.NotAccepted());
        Assert.Empty(rig.Seen);

        var front = rig.Steps.Front(below);
        Assert.Equal("203.0.113.9:40000", front.RemoteAddress);
        front.Notify(new ClientNotice.Waits(1));
        var (server, session) = await rig.StartAsync(front);
        await EntryRig.ExpectAsync(server, "hello");
        await EntryRig.ExpectAsync(client, "busy, position 1\n");
        var place = Assert.Single(rig.Places);
        Assert.Equal(0, place.Returns);

        session.Reset();

        await client.ExpectResetAsync();
        await AssertReturnedAsync(place);
        Assert.Equal(["start 203.0.113.9"], rig.Seen);
    }

    private static async Task AssertReturnedAsync(EntryRig.Place place)
    {
        await Eventually.TrueAsync(() => place.Returns > 0, "the place is given back");
        Assert.Equal(1, place.Returns);
    }

    /// <summary>Where nothing can be logged.</summary>
    private sealed class FailingLogger : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("planted");
    }
}
