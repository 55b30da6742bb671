using System.Net;
using System.Text.Json;
using Instancer.Gate.Addresses;
using Instancer.Gateway.Admin;

namespace Instancer.Gateway.Tests.Admin;

public sealed class BanRequestTests
{
    [Fact]
    public async Task Bans_are_listed_with_all_that_is_known()
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal("[]\n", (await rig.SendAsync(HttpMethod.Get, "/api/bans")).Body);
        rig.Bans.Add(AddressBlock.Parse("2001:db8::/32").Block!.Value, null, "it scans");
        rig.Bans.NoteFailure(IPAddress.Parse("192.0.2.1"));
        var (status, body) = await rig.SendAsync(HttpMethod.Get, "/api/bans");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(
            """
            [{"block":"192.0.2.1","cause":"failures","since":"2030-01-01T00:00:00+00:00","until":"2030-01-01T01:00:00+00:00","reason":null,"times":1},
            {"block":"2001:db8::/32","cause":"hand","since":"2030-01-01T00:00:00+00:00","until":null,"reason":"it scans","times":0}]
            """.ReplaceLineEndings(""),
            JsonSerializer.Serialize(json.RootElement).Replace("\\u002B", "+", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_block_is_banned_for_a_while_or_for_good_and_the_ban_lifted()
    {
        await using var rig = await AdminRig.StartAsync();
        var (status, body) = await rig.SendAsync(HttpMethod.Post, "/api/bans?block=192.0.2.0/24&duration=01:00:00&reason=it%20%22scans%22", rig.Token);
        Assert.Equal(HttpStatusCode.OK, status);
        var ban = JsonSerializer.Deserialize(body, AdminJson.Default.BanView)!;
        Assert.Equal(("192.0.2.0/24", BanCause.Hand, rig.Time.GetUtcNow() + TimeSpan.FromHours(1), "it \"scans\""), (ban.Block, ban.Cause, ban.Until, ban.Reason));
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Post, "/api/bans?block=2001:db8::1", rig.Token)).Status);
        Assert.True(rig.Bans.IsBanned(IPAddress.Parse("192.0.2.7")) && rig.Bans.IsBanned(IPAddress.Parse("2001:db8::1")));
        (status, body) = await rig.SendAsync(HttpMethod.Delete, "/api/bans?block=192.0.2.0%2F24", rig.Token);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("192.0.2.0/24", JsonSerializer.Deserialize(body, AdminJson.Default.AdminBanLifted)!.Lifted);
        Assert.Null(Assert.Single(rig.Bans.List()).Until);
    }

    [Fact]
    public async Task Only_those_who_have_the_token_change_bans()
    {
        await using var rig = await AdminRig.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.SendAsync(HttpMethod.Post, "/api/bans?block=192.0.2.1")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await rig.SendAsync(HttpMethod.Delete, "/api/bans?block=192.0.2.1")).Status);
        Assert.Empty(rig.Bans.List());
        var (status, body) = await rig.SendAsync(HttpMethod.Put, "/api/bans?block=192.0.2.1", rig.Token);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "only GET, POST, DELETE are answered here"), (status, ErrorOf(body)));
    }

    [Theory]
    [InlineData("", "block: \"\": not an address")]
    [InlineData("?block=nonsense", "block: \"nonsense\": not an address")]
    [InlineData("?block=10.0.0.1/8", "the block is 10.0.0.0/8")]
    [InlineData("?block=192.0.2.1&duration=1h", "duration: \"1h\" is not a duration")]
    [InlineData("?block=192.0.2.1&duration=00:00:00", "duration: \"00:00:00\" is not a duration")]
    [InlineData("?block=192.0.2.1&reason=two%0Alines", "reason: not one line")]
    public async Task What_cannot_be_meant_is_refused_with_the_reason(string query, string reason)
    {
        await using var rig = await AdminRig.StartAsync();
        var (status, body) = await rig.SendAsync(HttpMethod.Post, "/api/bans" + query, rig.Token);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(reason, ErrorOf(body), StringComparison.Ordinal);
        Assert.Empty(rig.Bans.List());
    }

    [Fact]
    public async Task A_reason_of_more_than_two_hundred_characters_is_refused()
    {
        await using var rig = await AdminRig.StartAsync();
        var query = $"/api/bans?block=192.0.2.1&reason={new string('x', 200)}";
        Assert.Equal(HttpStatusCode.BadRequest, (await rig.SendAsync(HttpMethod.Post, query + "x", rig.Token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await rig.SendAsync(HttpMethod.Post, query, rig.Token)).Status);
    }

    [Fact]
    public async Task What_is_not_banned_is_not_found_and_what_is_so_as_a_part_of_another_block_is_told_that()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Bans.Add(AddressBlock.Parse("192.0.2.0/24").Block!.Value, null, null);
        var (status, body) = await rig.SendAsync(HttpMethod.Delete, "/api/bans?block=10.0.0.1", rig.Token);
        Assert.Equal((HttpStatusCode.NotFound, "10.0.0.1 is not banned"), (status, ErrorOf(body)));
        (status, body) = await rig.SendAsync(HttpMethod.Delete, "/api/bans?block=192.0.2.1", rig.Token);
        Assert.Equal((HttpStatusCode.NotFound, "192.0.2.1 is banned as a part of 192.0.2.0/24; lift that"), (status, ErrorOf(body)));
    }

    [Fact]
    public async Task Bans_that_cannot_be_written_down_are_refused()
    {
        await using var rig = await AdminRig.StartAsync();
        Directory.CreateDirectory(rig.BansFile);
        var (status, body) = await rig.SendAsync(HttpMethod.Post, "/api/bans?block=192.0.2.1", rig.Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("nothing was changed, because the bans cannot be written: ", ErrorOf(body), StringComparison.Ordinal);
        Assert.Empty(rig.Bans.List());
    }

    private static string ErrorOf(string body) => JsonSerializer.Deserialize(body, AdminJson.Default.AdminError)!.Error;
}
