using Instancer.Containers.Docker;
using Instancer.Containers.Docker.Engine;
using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

/// <summary>The engine is asked for an image until a container was made of it, and again once the name means another.</summary>
public abstract class KnownImagesTests(EngineFixture fixture) : EngineTest(fixture)
{
    private const string Name = "instancer-test/changing";

    [Fact]
    public async Task An_image_is_remembered_once_a_container_was_made_of_it()
    {
        await using var fake = await FakeEngine.StartAsync();
        using var client = new EngineClient(EngineEndpoint.Of(new DockerRuntimeOptions { Node = Node, Host = fake.Host }));
        var images = new KnownImages(client);
        int Asked() => fake.Requests.Count(request => request.Contains("/images/", StringComparison.Ordinal));

        var first = (await images.GetAsync("a", CancellationToken.None)).Value!;
        var second = (await images.GetAsync("a", CancellationToken.None)).Value!;
        Assert.Equal(2, Asked());

        Assert.True(images.Confirm("a", first, "sha256:1"));
        Assert.Same(first, (await images.GetAsync("a", CancellationToken.None)).Value);
        Assert.Equal(2, Asked());

        Assert.False(images.Confirm("a", first, "sha256:2"));
        fake.ImageId = "sha256:2";
        Assert.Equal("sha256:2", (await images.GetAsync("a", CancellationToken.None)).Value!.Id);
        Assert.Equal(3, Asked());

        // An engine that calls an image differently in its two answers has to be asked each time, and its containers are used.
        Assert.True(images.Confirm("b", second, "another name of it"));
        Assert.False(images.Forget("b", second));
    }

    [EngineFact]
    public async Task A_name_that_means_another_image_by_now_is_that_image()
    {
        await TagAsync(TestImages.LineServer);
        var before = await UserAsync(NewKey());
        await TagAsync(TestImages.Declares);
        var after = await UserAsync(NewKey());
        var again = await UserAsync(NewKey());

        Assert.Equal("65534:65534", before);
        Assert.Equal("1000:1001", after);
        Assert.Equal(after, again);

        await Engine.SendAsync(HttpMethod.Delete, "images/" + Name);
        var gone = await FailedAsync(Request(NewKey(), Template(Name)));
        Assert.Equal($"image {Name} is not on the engine", gone.Reason);
    }

    private async Task TagAsync(string image) => await Engine.SendAsync(HttpMethod.Post, $"images/{image}/tag?repo={Name}&tag=latest");

    private async Task<string> UserAsync(Actors.InstanceKey key)
    {
        var backend = await StartedAsync(Request(key, Template(Name)));
        var inspected = await Engine.InspectAsync(backend.Id);
        var named = await Engine.SendAsync(HttpMethod.Get, $"images/{Name}/json");
        Assert.Equal((string?)named!["Id"], (string?)inspected!["Image"]);
        Assert.Single(await Engine.ContainersAsync(NodeLabel));
        await StopAsync(key);
        return (string)inspected["Config"]!["User"]!;
    }
}
