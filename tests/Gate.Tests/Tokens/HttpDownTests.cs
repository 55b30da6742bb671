using System.Net;
using System.Net.Sockets;
using Instancer.Gate.Options;
using Instancer.Gate.Tokens;
using Instancer.TestKit;
using Instancer.TestKit.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>A service that is slow, down, or asked by many at once.</summary>
public sealed class HttpDownTests
{
    private static readonly TaskCompletionSource Never = new();

    [Fact]
    public async Task A_slow_service_is_given_up_after_the_time_out()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        rig.Service.Answer = TokenService.SayAfter(Never.Task, 200);
        var asked = rig.AskAsync();
        await Eventually.TrueAsync(() => rig.Service.Asked.Count == 1, "the service is asked");
        rig.Time.Advance(rig.Options.Timeout - TimeSpan.FromMilliseconds(1));
        Assert.False(asked.IsCompleted);
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpAuthenticatorRig.Unknown, await asked.WaitAsync(RawSocket.Deadline));
        await Eventually.TrueAsync(() => rig.Service.GivenUp == 1, "the question is given up");
    }

    [Fact]
    public async Task A_body_that_does_not_end_is_given_up_after_the_time_out()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        rig.Service.Answer = async context =>
        {
            await context.Response.Body.WriteAsync("{\"name\""u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Never.Task.WaitAsync(context.RequestAborted);
        };
        var asked = rig.AskAsync();
        await Eventually.TrueAsync(() => rig.Service.Asked.Count == 1, "the service is asked");
        rig.Time.Advance(rig.Options.Timeout);
        Assert.Equal(HttpAuthenticatorRig.Unknown, await asked.WaitAsync(RawSocket.Deadline));
    }

    [Fact]
    public async Task Who_gives_up_gets_no_answer_and_the_others_do()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        var go = new TaskCompletionSource();
        rig.Service.Answer = TokenService.SayAfter(go.Task, 200, """{"name":"ann"}""");
        using var gone = new CancellationTokenSource();
        var first = rig.AskAsync(cancellationToken: gone.Token);
        var second = rig.AskAsync();
        await gone.CancelAsync();
        Assert.Equal(HttpAuthenticatorRig.Unknown, await first.WaitAsync(RawSocket.Deadline));
        go.SetResult();
        Assert.Equal("ann", await second.WaitAsync(RawSocket.Deadline));
    }

    [Fact]
    public async Task Who_asks_the_same_at_once_shares_one_question()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        var go = new TaskCompletionSource();
        rig.Service.Answer = TokenService.SayAfter(go.Task, 200, """{"name":"ann"}""");
        var asked = Enumerable.Range(0, 100).Select(_ => rig.AskAsync()).ToList();
        go.SetResult();
        Assert.All(await Task.WhenAll(asked).WaitAsync(RawSocket.Deadline), name => Assert.Equal("ann", name));
        Assert.Single(rig.Service.Asked);
    }

    [Fact]
    public async Task A_crowd_of_questions_is_bounded()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        rig.Service.Answer = TokenService.SayAfter(Never.Task, 200);
        var crowd = Enumerable.Range(0, HttpAuthenticator.MostAsked).Select(i => rig.AskAsync($"crowd-{i}-")).ToList();
        Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync("one-more").WaitAsync(RawSocket.Deadline));
        Assert.All(crowd, asked => Assert.False(asked.IsCompleted));

        rig.Time.Advance(rig.Options.Timeout);
        Assert.All(await Task.WhenAll(crowd).WaitAsync(RawSocket.Deadline), name => Assert.Equal(HttpAuthenticatorRig.Unknown, name));
        rig.Service.Answer = TokenService.Say(200, """{"name":"ann"}""");
        await Eventually.TrueAsync(async () => await rig.AskAsync() == "ann", "there is room again");
    }

    [Fact]
    public async Task No_more_than_the_allowed_number_is_asked_at_once_and_the_rest_follows()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync(options => options with { MaxConcurrent = 3 });
        int now = 0, most = 0;
        var go = new TaskCompletionSource();
        rig.Service.Answer = async context =>
        {
            InterlockedMax(ref most, Interlocked.Increment(ref now));
            await go.Task.WaitAsync(context.RequestAborted);
            Interlocked.Decrement(ref now);
            await TokenService.Say(200, """{"name":"ann"}""")(context);
        };
        var asked = Enumerable.Range(0, 30).Select(i => rig.AskAsync($"{i}-")).ToList();
        await Eventually.TrueAsync(() => rig.Service.Asked.Count == 3, "three are asked");
        go.SetResult();
        Assert.All(await Task.WhenAll(asked).WaitAsync(RawSocket.Deadline), name => Assert.Equal("ann", name));
        Assert.Equal((30, 3), (rig.Service.Asked.Count, most));
    }

    [Fact]
    public async Task While_it_is_down_one_at_a_time_waits_and_the_others_are_answered_at_once()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        rig.Service.Answer = TokenService.Say(500);
        for (var i = 0; i < ServiceHealth.FailuresUntilDown; i++)
        {
            Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync());
        }

        var go = new TaskCompletionSource();
        rig.Service.Answer = TokenService.SayAfter(go.Task, 200, """{"name":"ann"}""");
        var trial = rig.AskAsync();
        foreach (var other in new[] { "b", "c", "d" })
        {
            var asked = rig.AskAsync(other);
            Assert.True(asked.IsCompletedSuccessfully);
            Assert.Equal(HttpAuthenticatorRig.Unknown, await asked);
        }

        Assert.False(trial.IsCompleted);
        go.SetResult();
        Assert.Equal("ann", await trial.WaitAsync(RawSocket.Deadline));
        Assert.Equal("ann", await rig.AskAsync("b").WaitAsync(RawSocket.Deadline));
        Assert.Single(rig.Log.Of(6210));
        Assert.Single(rig.Log.Of(6211));
    }

    [Fact]
    public async Task Answers_that_cannot_be_used_do_not_slow_the_others_down()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync();
        rig.Service.Answer = TokenService.Say(200, """{"name":"no name of ours"}""");
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync());
        }

        var go = new TaskCompletionSource();
        rig.Service.Answer = TokenService.SayAfter(go.Task, 200, """{"name":"ann"}""");
        var asked = new[] { rig.AskAsync("b"), rig.AskAsync("c") };
        go.SetResult();
        Assert.All(await Task.WhenAll(asked).WaitAsync(RawSocket.Deadline), name => Assert.Equal("ann", name));
    }

    [Theory]
    [InlineData(nameof(WhenDown.Refuse), HttpAuthenticatorRig.Unknown)]
    [InlineData(nameof(WhenDown.AcceptCached), "ann")]
    public async Task While_it_is_down_an_old_answer_serves_if_it_is_to(string whenDown, string? name)
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync(options => options with { WhenDown = Enum.Parse<WhenDown>(whenDown) });
        Assert.Equal("ann", await rig.AskAsync());
        rig.Service.Answer = TokenService.Say(403);
        Assert.Null(await rig.AskAsync("stranger"));
        rig.Time.Advance(TimeSpan.FromHours(3));
        await rig.Service.DisposeAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(name, await rig.AskAsync());
            Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync("stranger"));
            Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync("new"));
        }
    }

    [Fact]
    public async Task A_refusal_ends_what_an_old_answer_granted()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync(options => options with { WhenDown = WhenDown.AcceptCached });
        Assert.Equal("ann", await rig.AskAsync());
        rig.Time.Advance(TimeSpan.FromHours(3));
        rig.Service.Answer = TokenService.Say(403);
        Assert.Null(await rig.AskAsync());
        rig.Time.Advance(TimeSpan.FromHours(3));
        rig.Service.Answer = TokenService.Say(503);
        Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync());
    }

    [Fact]
    public async Task What_is_no_HTTP_is_no_answer()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var log = new RecordingLogger();
        var options = new HttpAuthenticatorOptions { Url = new Uri($"http://{listener.LocalEndpoint}/") };
        await using var authenticator = new HttpAuthenticator(options, TimeProvider.System, new Logger<HttpAuthenticator>(log));
        var asked = authenticator.AuthenticateAsync(new("pwn", "192.0.2.1:1", HttpAuthenticatorRig.Token("a")), default).AsTask();
        using (var socket = await listener.AcceptSocketAsync())
        {
            await socket.SendAsync("220 mail.example.org ESMTP\r\n"u8.ToArray());
            Assert.True((await asked.WaitAsync(RawSocket.Deadline)).IsUnknown);
        }

        Assert.DoesNotContain("ESMTP", Assert.Single(log.Of(6210)).Text, StringComparison.Ordinal);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
