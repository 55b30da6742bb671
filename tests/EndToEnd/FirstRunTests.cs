using Instancer.EndToEnd.Nodes;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

/// <summary>A first run in an empty directory: no configuration, no tokens.</summary>
public sealed class FirstRunTests(ITestOutputHelper output) : NodeTest(output)
{
    [Fact]
    public async Task The_printed_line_connects()
    {
        Directory.Delete(Path.Combine(Home.Directory, "var"), recursive: true);

        // Only so that tests may run side by side.
        Home.Environment["INSTANCER__CHALLENGES__SAMPLE__PORT"] = "0";
        Home.Environment["INSTANCER__ADMIN__PORT"] = "0";
        var process = Home.Start();
        await process.LineAsync("configuration from embedded default");
        var node = await TestNode.AnnouncedAsync(process, Home);
        var line = (await process.LineAsync(" connect 127.0.0.1:")).Trim();
        _ = TestToken.Of(await File.ReadAllTextAsync(Path.Combine(Home.Directory, "var", "dev-token")));

        var client = Home.Start("/bin/sh", ["-c", line]);
        await client.Input.WriteAsync("hello\n");
        client.Input.Close();
        Assert.Equal(0, await client.ExitAsync());
        Assert.Equal(["1 olleh"], client.Output);

        await node.StopAsync();
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        foreach (var file in new[] { "dev-token", "tokens", "admin-token" })
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(Home.Directory, "var", file)) & others);
        }
    }
}
