using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>What must not be shown is not shown; and the tests' own search for it finds it.</summary>
public sealed class ShownSecretTests(ITestOutputHelper output) : EntryTest(output)
{
    [Fact]
    public async Task A_flag_is_its_instances_and_nobody_elses()
    {
        Pwn["flag"] = "FLAG{{random}}";
        var node = await StartAsync();
        var flag = Home.Secrets.Add(await node.AskOnceAsync(Home.Token, 1, Backend.Flag));
        Assert.StartsWith("FLAG{", flag, StringComparison.Ordinal);
        var told = await Home.RunAsync("flag", flag, "--admin", node.AdminAddress, "--config", Path.Combine(Home.Directory, "node.conf"));
        Assert.Contains($"pwn/{Home.Token.Hash}/1", told.Output, StringComparison.Ordinal);
        var refused = await Home.RunAsync("flag", flag[..^3] + "no}", "--admin", node.AdminAddress, "--config", Path.Combine(Home.Directory, "node.conf"));
        Assert.Equal(1, refused.ExitCode);
    }

    [Fact]
    public async Task An_error_in_the_configuration_shows_no_secret_of_it()
    {
        // Where a file's path is wanted somebody writes the secret itself.
        var secret = Home.Secrets.Add(TestToken.New().Text);
        Home.Options["authentication"] = new JsonObject { ["url"] = $"http://user:{secret}@127.0.0.1/ask" };
        var refused = await Home.RunAsync("check", "--config", Home.WriteConfiguration());
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("instancer.authentication.url", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a short one", "so a short one it is")]
    [InlineData("-----BEGIN X-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49\n-----END X-----\n", "...ByqGSM49AgEGCCqGSM49...")]
    [InlineData("0123456789abcdef0123456789ABCDEF", "key 0123456789ABCDEF: bad")]
    public void What_is_shown_is_found(string secret, string line)
    {
        var secrets = new TestSecrets();
        secrets.Add(secret);
        secrets.AssertNoneIn(["nothing of it"]);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => secrets.AssertNoneIn(["nothing of it", line]));
        secrets.MayBeSeen(line);
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => secrets.AssertNoneIn([]));
    }

    [Fact]
    public void A_token_that_is_shown_is_found() =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => new TestSecrets().AssertNoneIn([$"token {Home.Token.Text[32..64]} is not accepted"]));
}
