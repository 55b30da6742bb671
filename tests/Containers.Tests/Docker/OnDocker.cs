using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

// The tests that several engines share, on Docker.

[Collection(EngineCollection.Name)]
public sealed class DockerLifeCycleTests(DockerEngineFixture fixture) : LifeCycleTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerAdoptionTests(DockerEngineFixture fixture) : AdoptionTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerExitTests(DockerEngineFixture fixture) : ExitTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerHardeningTests(DockerEngineFixture fixture) : HardeningTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerNamespaceTests(DockerEngineFixture fixture) : NamespaceTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerLimitTests(DockerEngineFixture fixture) : LimitTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerIsolationTests(DockerEngineFixture fixture) : IsolationTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerFailureTests(DockerEngineFixture fixture) : FailureTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerReachTests(DockerEngineFixture fixture) : ReachTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerKnownImagesTests(DockerEngineFixture fixture) : KnownImagesTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerSpareTests(DockerEngineFixture fixture) : SpareTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerFlagFileTests(DockerEngineFixture fixture) : FlagFileTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerGroupLifeTests(DockerEngineFixture fixture) : GroupLifeTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerGroupRemovalTests(DockerEngineFixture fixture) : GroupRemovalTests(fixture);

[Collection(EngineCollection.Name)]
public sealed class DockerGroupAdoptionTests(DockerEngineFixture fixture) : GroupAdoptionTests(fixture);
