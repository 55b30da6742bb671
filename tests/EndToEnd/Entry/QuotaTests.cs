using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>What one client may take.</summary>
public sealed class QuotaTests(ITestOutputHelper output) : EntryTest(output)
{
    [Fact]
    public async Task One_instance_more_than_a_token_may_have_is_refused_and_a_change_counts()
    {
        Pwn["quotas"] = new JsonObject { ["instances"] = 2 };
        var other = Home.NewToken();
        var node = await StartAsync();
        using var first = await SessionAsync(node, Home.Token, 1);
        using var second = await SessionAsync(node, Home.Token, 2);
        await RefusedAsync(node, Home.Token, 3);
        Assert.True(await IsServedAsync(node, Home.Token, 2));
        Assert.True(await IsServedAsync(node, other, 3));
        Assert.Equal(1, await CounterAsync(node, "instancer_quota_denials_total{challenge=\"pwn\",quota=\"InstancesPerToken\"}"));

        Pwn["quotas"]!["instances"] = 3;
        await ReloadAsync(node);
        Assert.True(await IsServedAsync(node, Home.Token, 3));
        await RefusedAsync(node, Home.Token, 4);
    }

    [Fact]
    public async Task One_instance_more_takes_the_place_of_the_tokens_own_oldest()
    {
        Pwn["quotas"] = new JsonObject { ["instances"] = 2, ["whenFull"] = "oldest-goes" };
        var other = Home.NewToken();
        var node = await StartAsync();
        using var others = await SessionAsync(node, other);
        using var oldest = await SessionAsync(node, Home.Token, 1);
        using var newer = await SessionAsync(node, Home.Token, 2);
        using var newest = await SessionAsync(node, Home.Token, 3);
        await oldest.ExpectGoneAsync();
        Assert.Equal(
            ["2", "3"],
            (await node.InstancesAsync()).Select(instance => (string)instance["key"]!).Where(key => key.Contains(Home.Token.Hash, StringComparison.Ordinal)).Select(key => key[^1..]).Order());
        foreach (var client in new[] { others, newer, newest })
        {
            client.EndSending();
            await client.ExpectEndAsync();
        }
    }

    [Fact]
    public async Task Starts_within_a_minute_are_bounded()
    {
        Pwn["quotas"] = new JsonObject { ["startsPerMinute"] = 2 };
        var other = Home.NewToken();
        var node = await StartAsync();
        Assert.True(await IsServedAsync(node, Home.Token, 1));
        Assert.True(await IsServedAsync(node, Home.Token, 2));
        await node.StopInstancesAsync();
        await RefusedAsync(node, Home.Token, 1);
        await node.Process.LineAsync("its token has had as many starts within a minute as it may have");
        Assert.True(await IsServedAsync(node, other, 1));
        Pwn.Remove("quotas");
        await ReloadAsync(node);
        Assert.True(await IsServedAsync(node, Home.Token, 1));
    }

    [Fact]
    public async Task Sessions_of_an_instance_are_bounded()
    {
        Pwn["quotas"] = new JsonObject { ["sessionsPerInstance"] = 2 };
        var node = await StartAsync();
        using var first = await SessionAsync(node, Home.Token);
        using var second = await SessionAsync(node, Home.Token);
        await RefusedAsync(node, Home.Token);
        Assert.True(await IsServedAsync(node, Home.Token, 2));
        first.EndSending();
        await first.ExpectEndAsync();
        await Until.TrueAsync(() => IsServedAsync(node, Home.Token), stated: "there is a place");
    }

    [Fact]
    public async Task Bytes_a_second_are_bounded_for_each_session_by_itself()
    {
        // A bucket holds a second's worth, and is full at first: 384 KiB take two seconds and a half on their way to the backend. On the way back they come no faster.
        const int Size = 384 * 1024;
        Pwn["quotas"] = new JsonObject { ["bytesPerSecond"] = "128KiB" };
        var node = await StartAsync();
        using var noisy = await node.ConnectAsync(Home.Token);
        var started = TimeProvider.System.GetTimestamp();
        await noisy.SendAsync(Backend.Echo + "\n");
        var receiving = noisy.ReceiveToEndAsync();
        var sending = Task.Run(async () =>
        {
            await noisy.SendAsync(new byte[Size]);
            noisy.EndSending();
        });

        using var quiet = await SessionAsync(node, Home.Token, 1);
        var askedAt = TimeProvider.System.GetTimestamp();
        Assert.True(await IsServedAsync(node, Home.Token));
        var answeredIn = TimeProvider.System.GetElapsedTime(askedAt);

        Assert.Equal(Size, (await receiving).Length);
        await sending;
        var took = TimeProvider.System.GetElapsedTime(started);
        Output.WriteLine($"{Size} bytes took {took.TotalSeconds:0.00} s at 128 KiB a second; another session was served within {answeredIn.TotalMilliseconds:0} ms");
        Assert.InRange(took.TotalSeconds, 1.95, 10);
        Assert.True(answeredIn < took, $"the other session took {answeredIn}");
    }

    [Fact]
    public async Task A_session_has_its_time_and_both_sides_are_reset()
    {
        Pwn["quotas"] = new JsonObject { ["sessionLength"] = "00:00:02" };
        var node = await StartAsync();
        using var client = await node.ConnectAsync(Home.Token);
        var started = TimeProvider.System.GetTimestamp();
        Assert.Equal("watching", await client.AskAsync(Backend.Watch));
        await client.SendAsync("12345");
        await client.ExpectResetAsync();
        var took = TimeProvider.System.GetElapsedTime(started);
        Output.WriteLine($"reset after {took.TotalSeconds:0.00} s of 2");
        Assert.InRange(took.TotalSeconds, 1.9, 10);
        await Until.TrueAsync(async () => await node.AskOnceAsync(Home.Token, 1, Backend.Seen) == "reset 5", stated: "the backend saw the reset");
    }

    [Theory]
    [InlineData("bytesPerSecond", "512B")]
    [InlineData("whenFull", "newest-goes")]
    [InlineData("instances", "0")]
    [InlineData("sessionLength", "two hours")]
    [InlineData("instance", "1")]
    public async Task What_is_no_quota_is_refused_with_its_place(string option, string value)
    {
        Pwn["quotas"] = new JsonObject { [option] = value };
        var refused = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"instancer.challenges.pwn.quotas.{option}", refused.Error, StringComparison.Ordinal);
    }
}
