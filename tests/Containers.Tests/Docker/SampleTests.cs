using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

[Collection(EngineCollection.Name)]
public sealed class SampleTests(DockerEngineFixture fixture) : EngineTest(fixture)
{
    private const string Image = "instancer-test/sample";

    [EngineFact]
    public async Task The_sample_challenge_reverses_lines_and_counts_them_per_instance()
    {
        await Engine.BuildAsync(Path.Combine(Repository.Root, "challenges", "sample"), Image, TestImages.Base);
        var one = NewKey(1);
        var two = NewKey(2);
        var first = await StartedAsync(Request(one, Template(Image)));
        Assert.Equal("1 olleh", await LineClient.AskAsync(first.Address, "hello"));
        Assert.Equal(@"2 \d *  c ", await LineClient.AskAsync(first.Address, @" c  * d\"));

        var second = await StartedAsync(Request(two, Template(Image)));
        Assert.Equal("1 ", await LineClient.AskAsync(second.Address, ""));

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => LineClient.AskAsync(first.Address, "x")));
        Assert.Equal(Enumerable.Range(3, 10).Select(number => $"{number} x"), answers.OrderBy(answer => int.Parse(answer!.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
        await StopAsync(one);
        await StopAsync(two);
    }
}
