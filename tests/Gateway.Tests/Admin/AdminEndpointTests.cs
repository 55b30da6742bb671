using System.Net;
using System.Text.Json;
using Instancer.Actors.Instances;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Commands;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Flags;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Admin;

public sealed class AdminEndpointTests
{
    [Fact]
    public async Task Health_is_ok_and_readiness_follows_the_node()
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await rig.SendAsync(HttpMethod.Get, "/healthz"));
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await rig.SendAsync(HttpMethod.Get, "/readyz"));
        rig.IsReady = false;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready\n"), await rig.SendAsync(HttpMethod.Get, "/readyz"));
    }

    [Fact]
    public async Task Instances_are_listed_with_all_that_is_known()
    {
        await using var rig = await AdminRig.StartAsync();
        var key = rig.Add("pwn", 7);
        var (status, body) = await rig.SendAsync(HttpMethod.Get, "/api/instances");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        var instance = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["key"] = key.ToString(),
                ["node"] = "node-1",
                ["client"] = "ann",
                ["state"] = "idle",
                ["sessions"] = "2",
                ["waiting"] = "1",
                ["createdAt"] = "2026-01-02T03:04:05+00:00",
                ["idleSince"] = "2026-01-02T03:05:05+00:00",
                ["expiresAt"] = "2026-01-02T04:04:05+00:00",
                ["address"] = "127.0.0.1:20001",
                ["memory"] = "67108864",
                ["lastFailure"] = "once it failed",
            },
            instance.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ToString()));
    }

    [Fact]
    public async Task A_flag_tells_to_whom_it_was_given_whatever_is_in_it()
    {
        const string Flag = "FLAG{a/b%2f c?&#ä}";
        await using var rig = await AdminRig.StartAsync();
        var key = rig.Add("pwn", 7);
        rig.Flags.Add(Flag, new FlagRecord(key, "ann", DateTimeOffset.UnixEpoch));
        using var client = AdminClient.Create(null, rig.Address.ToString()).Client!;
        var found = await client.FindFlagAsync(Flag, CancellationToken.None);
        Assert.Equal(new FlagView { Client = "ann", Challenge = "pwn", Key = key.ToString(), IssuedAt = DateTimeOffset.UnixEpoch }, found);
        var (status, body) = await rig.SendAsync(HttpMethod.Get, "/api/flags/other");
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("this flag was given to nobody", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_and_extend_do_it()
    {
        await using var rig = await AdminRig.StartAsync();
        var key = rig.Add("pwn", 7);
        var (status, body) = await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/extend?duration=00:30:00", rig.Token);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("2026-01-02T04:34:05", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/stop", rig.Token)).Status);
        Assert.Empty(rig.Instances.Instances);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/stop", rig.Token)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Post, $"/api/instances/{key}/extend?duration=00:30:00", rig.Token)).Status);
    }

    [Theory]
    [InlineData("POST", "/api/instances/pwn/nohash/7/stop", 400)]
    [InlineData("POST", "/api/instances/KEY/extend", 400)]
    [InlineData("POST", "/api/instances/KEY/extend?duration=5", 400)]
    [InlineData("POST", "/api/instances/KEY/explode", 404)]
    [InlineData("GET", "/api/instances/KEY/stop", 405)]
    [InlineData("POST", "/healthz", 405)]
    [InlineData("GET", "/nothing", 404)]
    public async Task A_wrong_request_is_refused_with_a_reason(string method, string path, int status)
    {
        await using var rig = await AdminRig.StartAsync();
        var key = rig.Add("pwn", 7);
        var (actual, body) = await rig.SendAsync(
            new HttpMethod(method), path.Replace("KEY", key.ToString(), StringComparison.Ordinal), rig.Token);
        Assert.Equal(status, (int)actual);
        Assert.NotEmpty(JsonSerializer.Deserialize(body, AdminJson.Default.AdminError)!.Error);
        Assert.Single(rig.Instances.Instances);
    }

    [Fact]
    public async Task What_changes_something_needs_the_token_even_on_loopback()
    {
        await using var rig = await AdminRig.StartAsync();
        var path = $"/api/instances/{rig.Add("pwn", 7)}/stop";
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.SendAsync(HttpMethod.Post, path)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.SendAsync(HttpMethod.Post, path, rig.Token + "x")).Status);
        Assert.Single(rig.Instances.Instances);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Post, path, rig.Token)).Status);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    [InlineData("/api/instances")]
    public async Task Beyond_loopback_everything_needs_the_token(string path)
    {
        await using var rig = await AdminRig.StartAsync(IPAddress.Any);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.SendAsync(HttpMethod.Get, path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Get, path, rig.Token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Get, path, rig.Token, "node.example")).Status);
    }

    [Theory]
    [InlineData("rebound.example", 403)]
    [InlineData("127.0.0.1.example:9090", 403)]
    [InlineData("10.0.0.1", 403)]
    [InlineData("localhost:9090", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]:9090", 200)]
    public async Task On_loopback_a_foreign_host_name_is_refused(string host, int status)
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(status, (int)(await rig.SendAsync(HttpMethod.Get, "/api/instances", rig.Token, host)).Status);
    }

    [Fact]
    public async Task A_node_that_goes_down_is_unavailable()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Instances.IsGoingDown = true;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.SendAsync(HttpMethod.Get, "/api/instances")).Status);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_in_one_line()
    {
        await using var rig = await AdminRig.StartAsync();
        var settings = new AdminSettings(IPAddress.Loopback, rig.Address.Port, rig.TokenFile);
        var error = await Assert.ThrowsAsync<AdminListenException>(
            () => AdminEndpoint.StartAsync(settings, null!, TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Equal($"admin endpoint: cannot listen on 127.0.0.1:{rig.Address.Port}: address already in use", error.Message);
    }

    [Fact]
    public async Task The_token_is_made_once_and_for_its_owner_only()
    {
        await using var rig = await AdminRig.StartAsync();
        var before = rig.Token;
        AdminToken.ReadOrMake(rig.TokenFile);
        Assert.Equal(before, rig.Token);
        Assert.True(before.Length >= 40);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(rig.TokenFile));
        }
    }

    [Fact]
    public void Every_state_has_its_word_in_the_list() => Assert.All(
        Enum.GetValues<InstanceState>(),
        state => Assert.Contains($"\"{state.ToString().ToLowerInvariant()}\"", JsonSerializer.Serialize<IReadOnlyList<InstanceView>>(
            [new InstanceView { Key = "k", Node = "n", State = state }], AdminJson.Default.IReadOnlyListInstanceView), StringComparison.Ordinal));
}
