using System.Text.Json.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;
using Xunit.Abstractions;

namespace Instancer.EndToEnd.Entry;

/// <summary>The configuration changes, again and again, while many clients are served.</summary>
public sealed class ReloadTests(ITestOutputHelper output) : EntryTest(output)
{
    private const int Sessions = 50;
    private const string Refused = "has changed and cannot be used; all stays as it is";

    // What is done to the section of a good file, and what has to be in the line that says so.
    private static readonly (Func<JsonObject, string> Spoil, string Said)[] BadFiles =
    [
        (_ => "", "node.conf"),
        (section => File(section)[..^10], "node.conf"),
        (section => With(section, "rates", "atOnze", 5), "instancer.rates.atOnze"),
        (section => With(section, "pow", "difficulty", -1), "instancer.pow.difficulty"),
        (section => With(section, "addresses", "deny", new JsonArray("10.0.0.0/40")), "instancer.addresses.deny"),
    ];

    [Fact]
    public async Task Good_files_count_bad_ones_change_nothing_and_no_session_loses_a_byte()
    {
        Home.Gateway["drainTimeout"] = "00:10:00";
        var node = await StartAsync();
        var stop = new TaskCompletionSource();
        var echoes = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(session => EchoLoop.StartAsync(node, Home.Token, session % 5, stop.Task)));
        for (var round = 0; round < BadFiles.Length; round++)
        {
            Pwn["rates"] = new JsonObject { ["atOnce"] = Sessions + round };
            Pwn["quotas"] = new JsonObject { ["bytesPerSecond"] = $"{round + 1}MiB", ["sessionsPerInstance"] = 100 + round };
            Pwn["pow"] = new JsonObject { ["difficulty"] = round % 2, ["timeout"] = "00:01:00" };
            await ReloadAsync(node);
            Home.WriteConfiguration(BadFiles[round].Spoil((JsonObject)Home.Options.DeepClone()));
            await Until.TrueAsync(() => Count(node, Refused) == round + 1, stated: $"file {round} is refused");
            Assert.Contains(BadFiles[round].Said, node.Process.Lines.Last(line => line.Contains(Refused, StringComparison.Ordinal)), StringComparison.Ordinal);
            await Task.WhenAll(echoes.Select(echo => echo.GoesOnAsync()));
        }

        // The last good file lets four more in than there are.
        List<RawSocket> more = [];
        for (var client = 0; client < BadFiles.Length - 1; client++)
        {
            more.Add(await SessionAsync(node, Home.Token));
        }

        await TurnedAwayAsync(node, "127.0.0.1");
        Assert.True(await IsServedAsync(node, Home.Token, source: Neighbour));
        Assert.Equal(BadFiles.Length, Count(node, Refused));
        Assert.Equal(0, Count(node, "counts only after a restart"));

        await node.Process.SignalAsync("TERM");
        await node.Process.LineAsync($"pwn drains {Sessions + more.Count} connections");
        await Task.WhenAll(echoes.Select(echo => echo.GoesOnAsync()));
        stop.SetResult();
        var passed = (await Task.WhenAll(echoes.Select(echo => echo.Completion))).Sum();
        Output.WriteLine($"{passed} lines of {EchoLoop.LineLength} bytes were echoed in {Sessions} sessions");
        foreach (var client in more)
        {
            client.EndSending();
            await client.ExpectEndAsync();
            client.Dispose();
        }

        Assert.Equal(0, await node.Process.ExitAsync());
    }

    private static string With(JsonObject section, string name, string option, JsonNode value)
    {
        section[name] = new JsonObject { [option] = value };
        return File(section);
    }

    private static string File(JsonObject section) => new JsonObject { ["instancer"] = section }.ToJsonString();
}
