using System.Text.Json.Nodes;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>The proof of work, as clients and their scripts meet it.</summary>
public sealed class WorkTests(ITestOutputHelper output) : EntryTest(output)
{
    private const string Question = "proof of work:\ncurl -sSfL https://pwn.red/pow | sh -s ";
    private const string Solution = "solution: ";

    [Fact]
    public async Task A_script_solves_it_and_another_challenge_is_open()
    {
        Pwn["pow"] = new JsonObject { ["difficulty"] = 50 };
        Home.Serve("open", Challenges.Backend());
        var node = await StartAsync();
        using var client = await node.ConnectAsync("pwn");
        var solution = await SolveAsync(await AskedAsync(client));
        await client.SendAsync(solution + "\n");
        await client.SendAsync((byte[])[.. Home.Token.Preamble(1), .. "pid\n"u8]);
        var pid = await client.ReceiveLineAsync();
        Assert.NotEqual(pid, await node.AskOnceAsync(Home.Token, 1, Backend.Pid, "open"));
        Assert.Equal(2, (await node.InstancesAsync()).Count);
    }

    [Fact]
    public async Task Connect_solves_it_if_it_is_told_to_and_says_so_otherwise()
    {
        Home.Options["pow"] = new JsonObject { ["difficulty"] = 50 };
        var node = await StartAsync();
        var tokenFile = Path.Combine(Home.Directory, "token");
        await File.WriteAllTextAsync(tokenFile, Home.Token.Text);

        var connect = Home.Start("connect", node.EndPoint().ToString(), "--token-file", tokenFile, "--pow");
        await connect.Input.WriteAsync($"{Backend.Echo}\nhello\n");
        connect.Input.Close();
        Assert.Equal(0, await connect.ExitAsync());
        Assert.Equal(["hello"], connect.Output);

        var unprepared = await Home.RunAsync("connect", node.EndPoint().ToString(), "--token-file", tokenFile);
        Assert.Contains("with --pow it is solved", unprepared.Error, StringComparison.Ordinal);
        Assert.Single(await node.InstancesAsync());
    }

    [Fact]
    public async Task Connect_that_waits_for_a_question_is_served_where_there_is_none()
    {
        var node = await StartAsync();
        var tokenFile = Path.Combine(Home.Directory, "token");
        await File.WriteAllTextAsync(tokenFile, Home.Token.Text);
        var connect = Home.Start("connect", node.EndPoint().ToString(), "--token-file", tokenFile, "--pow", "--pow-wait", "0.2");
        await connect.Input.WriteAsync($"{Backend.Echo}\nhello\n");
        connect.Input.Close();
        Assert.Equal(0, await connect.ExitAsync());
        Assert.Equal(["hello"], connect.Output);
    }

    [Fact]
    public async Task Whatever_is_no_solution_of_this_challenge_is_closed_without_another_byte()
    {
        Pwn["pow"] = new JsonObject { ["difficulty"] = 50 };
        var node = await StartAsync();
        using var first = await node.ConnectAsync();
        var ofAnother = await SolveAsync(await AskedAsync(first));
        string[] wrong = [ofAnother + "\n", "\n", "s.AAAA\n", "s.\n", "nonsense\n", new string('s', 300) + "\n", new string('s', 300), Home.Token.Text + "\n"];
        foreach (var line in wrong)
        {
            using var client = await node.ConnectAsync();
            var asked = await AskedAsync(client);
            Assert.NotEqual(asked, ofAnother);
            await client.SendAsync(line);
            await client.ExpectGoneAsync();
        }

        Assert.Empty(await node.InstancesAsync());

        // The first one's solution counts for the first one.
        await first.SendAsync(ofAnother + "\n");
        await first.SendAsync((byte[])[.. Home.Token.Preamble(1), .. "pid\n"u8]);
        Assert.NotEqual("", await first.ReceiveLineAsync());
    }

    [Fact]
    public async Task Who_does_not_answer_is_closed_at_its_end_and_at_the_deadline()
    {
        Pwn["pow"] = new JsonObject { ["difficulty"] = 50, ["timeout"] = "00:00:01" };
        var node = await StartAsync();
        using var mute = await node.ConnectAsync();
        await AskedAsync(mute);
        using var half = await node.ConnectAsync();
        await AskedAsync(half);
        await half.SendAsync("s.AAA");
        using var ended = await node.ConnectAsync();
        await AskedAsync(ended);
        ended.EndSending();
        await ended.ExpectEndAsync();
        await mute.ExpectEndAsync();
        await half.ExpectEndAsync();
        Assert.Empty(await node.InstancesAsync());
    }

    [Fact]
    public async Task Who_attacks_is_asked_for_it_until_it_is_calm_and_nobody_else_is()
    {
        Pwn["pow"] = new JsonObject { ["underAttack"] = 50, ["attackAt"] = 3, ["calmAt"] = 1, ["calmAfter"] = "00:00:00.5" };
        var node = await StartAsync();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            using var guess = await node.ConnectFromAsync(Neighbour);
            await guess.SendAsync(TestToken.New().Preamble(1));
            await guess.ExpectEndAsync();
        }

        await node.Process.LineAsync($"{Neighbour}/32 attacks");
        using (var attacker = await node.ConnectFromAsync(Neighbour))
        {
            await attacker.SendAsync(await SolveAsync(await AskedAsync(attacker)) + "\n");
            await attacker.SendAsync((byte[])[.. Home.Token.Preamble(1), .. "pid\n"u8]);
            Assert.NotEqual("", await attacker.ReceiveLineAsync());
        }

        Assert.True(await IsServedAsync(node, Home.Token));

        // What it has done counts for a minute; with other bounds it is little.
        (Pwn["pow"]!["attackAt"], Pwn["pow"]!["calmAt"]) = (100_000, 100_000);
        await ReloadAsync(node);
        await Until.TrueAsync(
            async () =>
            {
                using var client = await node.ConnectFromAsync(Neighbour);
                return await client.TryAskAsync([.. Home.Token.Preamble(1), .. "pid\n"u8]) is { } answer && char.IsAsciiDigit(answer[0]);
            },
            stated: "it is asked no more");
        await node.Process.LineAsync($"{Neighbour}/32 is calm again");
        Assert.Equal(1, Count(node, " attacks: "));
    }

    /// <summary>Reads the question to its end; the challenge in it.</summary>
    private static async Task<string> AskedAsync(RawSocket client)
    {
        await client.ExpectAsync(Question);
        var challenge = await client.ReceiveLineAsync();
        await client.ExpectAsync(Solution);
        return challenge;
    }

    private async Task<string> SolveAsync(string challenge)
    {
        var solved = await Home.RunAsync("pow", "solve", challenge);
        Assert.Equal(0, solved.ExitCode);
        return solved.Output.Trim();
    }
}
