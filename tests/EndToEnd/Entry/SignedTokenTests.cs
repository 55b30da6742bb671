using System.Text.Json.Nodes;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>Tokens that are accepted because of their signature.</summary>
public sealed class SignedTokenTests(ITestOutputHelper output) : EntryTest(output)
{
    private string KeyFile => Path.Combine(Home.Directory, "keys");

    [Theory]
    [InlineData("hmac-sha256")]
    [InlineData("ecdsa-p256")]
    public async Task A_signed_token_is_accepted_for_its_challenges_and_its_time(string kind)
    {
        // Whoever signs has the private key; where there is a public one, the node has that.
        var isPublic = kind != "hmac-sha256";
        var nodeKeys = isPublic ? Path.Combine(Home.Directory, "public-keys") : KeyFile;
        Assert.Equal(0, (await Home.RunAsync(["token", "key", "new", "--key-file", KeyFile, "--kind", kind, .. isPublic ? ["--public-out", nodeKeys] : Array.Empty<string>()])).ExitCode);
        Home.Secrets.Add((await File.ReadAllTextAsync(KeyFile)).Split(' ')[^1].Trim());
        Home.Options["authentication"] = new JsonObject { ["keyFile"] = nodeKeys };
        Home.Serve("other", Challenges.Backend());
        var node = await StartAsync();

        var token = await SignAsync("ann", "--challenges", "pwn");
        Assert.True(await IsServedAsync(node, token, challenge: "pwn"));
        await RefusedAsync(node, token, challenge: "other");
        var instance = Assert.Single(await node.InstancesAsync());
        Assert.Equal(("ann", $"pwn/{token.Hash}/1"), ((string)instance["client"]!, (string)instance["key"]!));
        Assert.True(await IsServedAsync(node, await SignAsync("bob"), challenge: "other"));
        Assert.True(await IsServedAsync(node, Home.Token, challenge: "pwn"));

        foreach (var place in new[] { 0, 20, 127 })
        {
            var forged = token.Text.ToCharArray();
            forged[place] = forged[place] == 'A' ? 'B' : 'A';
            await RefusedAsync(node, TestToken.Of(new string(forged)), challenge: "pwn");
        }

        var brief = await SignAsync("eve", "--challenges", "pwn", "--expires", "00:00:05");
        Assert.True(await IsServedAsync(node, brief, challenge: "pwn"));
        await Until.TrueAsync(async () => !await IsServedAsync(node, brief, challenge: "pwn"), stated: "it has expired");
        Assert.True(await IsServedAsync(node, token, challenge: "pwn"));
    }

    [Fact]
    public async Task Keys_and_the_option_itself_change_while_the_node_runs()
    {
        Assert.Equal(0, (await Home.RunAsync("token", "key", "new", "--key-file", KeyFile)).ExitCode);
        var token = await SignAsync("ann");
        var node = await StartAsync();
        await RefusedAsync(node, token);

        Home.Options["authentication"] = new JsonObject { ["keyFile"] = KeyFile };
        await ReloadAsync(node);
        using var session = await SessionAsync(node, token);

        // A key is replaced by another, which a bad file does not undo.
        File.Delete(KeyFile);
        Assert.Equal(0, (await Home.RunAsync("token", "key", "new", "--key-file", KeyFile)).ExitCode);
        var next = await SignAsync("ann");
        await Until.TrueAsync(() => IsServedAsync(node, next), stated: "the new key counts");
        await RefusedAsync(node, token, 2);
        await File.WriteAllTextAsync(KeyFile, "1 hmac-sha256 nonsense\n");
        await node.Process.LineAsync("keys cannot be used: line 1: ");
        Assert.True(await IsServedAsync(node, next, 2));

        Home.Options.Remove("authentication");
        await ReloadAsync(node);
        await RefusedAsync(node, next, 3);
        Assert.True(await IsServedAsync(node, Home.Token));
        session.EndSending();
        await session.ExpectEndAsync();
    }

    [Fact]
    public async Task A_key_file_that_others_may_read_is_not_used()
    {
        Assert.Equal(0, (await Home.RunAsync("token", "key", "new", "--key-file", KeyFile)).ExitCode);
        var token = await SignAsync("ann");
        NodeHome.Protect(KeyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Home.Options["authentication"] = new JsonObject { ["keyFile"] = KeyFile };
        var node = await StartAsync();
        await node.Process.LineAsync("keys cannot be used: ");
        await RefusedAsync(node, token);
        NodeHome.Protect(KeyFile, UnixFileMode.UserRead);
        await Until.TrueAsync(() => IsServedAsync(node, token), stated: "it is used now");
    }

    private async Task<TestToken> SignAsync(string name, params string[] more)
    {
        var signed = await Home.RunAsync(["token", "sign", name, "--key-file", KeyFile, .. more], mayShowToken: true);
        Assert.Equal(0, signed.ExitCode);
        return TestToken.Of(signed.Output);
    }
}
