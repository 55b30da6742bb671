using System.Text;
using Instancer.Actors;
using Instancer.Gate.Options;
using Instancer.TestKit.Net;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>What is asked, what the answers mean, and how long they are kept.</summary>
public sealed class HttpAuthenticatorTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-http-");
    private HttpAuthenticatorRig _rig = null!;

    public async Task InitializeAsync() => _rig = await HttpAuthenticatorRig.StartAsync();

    public async Task DisposeAsync()
    {
        await _rig.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task The_service_gets_the_hash_the_address_and_the_challenge_and_names_the_client()
    {
        Assert.Equal("ann", await _rig.AskAsync());
        var hash = TokenHash.Of(HttpAuthenticatorRig.Token("a"));
        Assert.Equal(($$"""{"token":"{{hash}}","address":"192.0.2.1:77","challenge":"pwn"}""", null), Assert.Single(_rig.Service.Asked));
    }

    [Theory]
    [InlineData(403, "", 0)]
    [InlineData(404, "{\"name\":\"ann\"}", 0)]
    [InlineData(200, "", 1)]
    [InlineData(200, "<html>", 1)]
    [InlineData(200, "{\"name\":\"a b\"}", 1)]
    [InlineData(201, "{\"name\":\"ann\"}", 1)]
    [InlineData(401, "{\"name\":\"ann\"}", 1)]
    [InlineData(429, "{\"name\":\"ann\"}", 1)]
    [InlineData(500, "{\"name\":\"ann\"}", 1)]
    [InlineData(503, "", 1)]
    public async Task Any_other_answer_does_not_accept(int status, string body, int problems)
    {
        _rig.Service.Answer = TokenService.Say(status, body);
        Assert.Equal(problems > 0 ? HttpAuthenticatorRig.Unknown : null, await _rig.AskAsync());
        Assert.Equal(problems, _rig.Log.Of(6210).Count);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var elsewhere = await TokenService.StartAsync();
        _rig.Service.Answer = context =>
        {
            context.Response.Redirect($"{elsewhere.Url}");
            context.Response.StatusCode = 307;
            return Task.CompletedTask;
        };
        Assert.Equal(HttpAuthenticatorRig.Unknown, await _rig.AskAsync());
        Assert.Empty(elsewhere.Asked);
    }

    [Fact]
    public async Task An_answer_without_end_is_read_up_to_the_bound()
    {
        var chunk = new byte[4096];
        _rig.Service.Answer = async context =>
        {
            while (true)
            {
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                context.RequestAborted.ThrowIfCancellationRequested();
            }
        };
        Assert.Equal(HttpAuthenticatorRig.Unknown, await _rig.AskAsync());
        Assert.Contains("an answer of more than 16384 bytes", Assert.Single(_rig.Log.Of(6210)).Text, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => _rig.Service.GivenUp == 1, "the connection is ended");
    }

    [Fact]
    public async Task Huge_headers_are_not_read()
    {
        _rig.Service.Answer = context =>
        {
            context.Response.Headers["X-Long"] = new string('x', 60_000);
            return TokenService.Say(200, """{"name":"ann"}""")(context);
        };
        Assert.Equal(HttpAuthenticatorRig.Unknown, await _rig.AskAsync());
    }

    [Fact]
    public async Task An_accepted_answer_is_kept_for_its_time()
    {
        Assert.Equal("ann", await _rig.AskAsync());
        _rig.Time.Advance(_rig.Options.CacheFor - TimeSpan.FromMilliseconds(1));
        _rig.Service.Answer = TokenService.Say(403);
        Assert.Equal("ann", await _rig.AskAsync());
        Assert.Single(_rig.Service.Asked);
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await _rig.AskAsync());
        Assert.Equal(2, _rig.Service.Asked.Count);
    }

    [Fact]
    public async Task A_refusal_is_kept_for_its_time()
    {
        _rig.Service.Answer = TokenService.Say(403);
        Assert.Null(await _rig.AskAsync());
        _rig.Time.Advance(_rig.Options.CacheRefusalsFor - TimeSpan.FromMilliseconds(1));
        _rig.Service.Answer = TokenService.Say(200, """{"name":"ann"}""");
        Assert.Null(await _rig.AskAsync());
        Assert.Single(_rig.Service.Asked);
        _rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal("ann", await _rig.AskAsync());
        Assert.Equal("ann", await _rig.AskAsync());
        Assert.Equal(2, _rig.Service.Asked.Count);
    }

    [Fact]
    public async Task Answers_are_kept_by_token_and_challenge()
    {
        await _rig.AskAsync("a", "pwn");
        await _rig.AskAsync("a", "web");
        await _rig.AskAsync("b", "pwn");
        Assert.Equal(3, _rig.Service.Asked.Count);
    }

    [Fact]
    public async Task Strangers_do_not_push_out_who_is_accepted()
    {
        await using var rig = await HttpAuthenticatorRig.StartAsync(options => options with { CacheSize = 2 });
        Assert.Equal("ann", await rig.AskAsync());
        rig.Service.Answer = TokenService.Say(404);
        foreach (var stranger in new[] { "x", "y", "z" })
        {
            Assert.Null(await rig.AskAsync(stranger));
        }

        Assert.Equal("ann", await rig.AskAsync());
        Assert.Equal(4, rig.Service.Asked.Count);
        Assert.Null(await rig.AskAsync("x"));
        Assert.Equal(5, rig.Service.Asked.Count);
    }

    [Fact]
    public async Task The_bearer_goes_along_and_without_it_nothing_is_asked()
    {
        var file = Path.Combine(_directory.FullName, "bearer");
        await using var rig = await HttpAuthenticatorRig.StartAsync(options => options with { BearerFile = file });
        Assert.Equal(HttpAuthenticatorRig.Unknown, await rig.AskAsync());
        Assert.Empty(rig.Service.Asked);
        Assert.Single(rig.Log.Of(6201));
        Write(file, "bearer-of-the-service\n");
        await using var later = await HttpAuthenticatorRig.StartAsync(options => options with { BearerFile = file });
        Assert.Equal("ann", await later.AskAsync());
        Assert.Equal("Bearer bearer-of-the-service", Assert.Single(later.Service.Asked).Authorization);
    }

    [Fact]
    public async Task No_log_and_no_text_has_a_secret()
    {
        var file = Path.Combine(_directory.FullName, "bearer");
        Write(file, "bearer-of-the-service");
        await using var rig = await HttpAuthenticatorRig.StartAsync(options => options with { BearerFile = file });
        foreach (var answer in new[] { TokenService.Say(500, "bearer-of-the-service"), TokenService.Say(200, "bearer-of-the-service"), TokenService.Say(200, """{"name":"ann"}""") })
        {
            rig.Service.Answer = answer;
            await rig.AskAsync();
            rig.Time.Advance(TimeSpan.FromMinutes(2));
        }

        await rig.Service.DisposeAsync();
        await rig.AskAsync("b");
        string?[] texts = [.. rig.Log.Lines.Select(line => $"{line.Text} {line.Exception}"), $"{rig.Options}", $"{rig.Authenticator}", $"{new AuthenticatorOptions { Http = rig.Options }}"];
        Assert.Equal((3, 1), (rig.Log.Of(6210).Count, rig.Log.Of(6211).Count));
        Assert.All(texts, text => Assert.DoesNotContain("secret-", text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain("bearer-of", text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain(Encoding.ASCII.GetString(HttpAuthenticatorRig.Token("a"))[..16], text, StringComparison.Ordinal));
    }

    private static void Write(string file, string text)
    {
        File.WriteAllText(file, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead);
        }
    }
}
