using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests;

[CollectionDefinition(Name)]
public sealed class EngineCollection : ICollectionFixture<DockerEngineFixture>
{
    public const string Name = "engine";
}

[CollectionDefinition(Name)]
public sealed class PodmanCollection : ICollectionFixture<PodmanFixture>
{
    public const string Name = "podman";
}
