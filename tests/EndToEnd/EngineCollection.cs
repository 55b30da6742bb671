using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Xunit.Abstractions;

namespace Instancer.EndToEnd;

[CollectionDefinition(Name)]
public sealed class EngineCollection : ICollectionFixture<DockerEngineFixture>
{
    public const string Name = "engine";
}

/// <summary>A test with a node on a real engine; at its end no container of the node may be left.</summary>
[Collection(EngineCollection.Name)]
public abstract class EngineNodeTest : NodeTest
{
    private readonly DockerEngineFixture _fixture;

    protected EngineNodeTest(ITestOutputHelper output, DockerEngineFixture fixture)
        : base(output)
    {
        _fixture = fixture;
        Home.Environment["DOCKER_HOST"] = fixture.Host;
    }

    private protected override EngineApi Engine => _fixture.Engine;

    /// <summary>The ids of the node's containers, running or not.</summary>
    private protected async Task<IReadOnlyList<string>> ContainersAsync() =>
        [.. (await Engine.ContainersAsync("instancer.node=" + Home.Name)).Select(container => (string)container!["Id"]!)];
}
