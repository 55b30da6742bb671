using Instancer.TestKit.Docker;

namespace Instancer.Containers.Tests.Docker;

// The tests that several engines share, on podman's service of Docker's API.

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanLifeCycleTests(PodmanFixture fixture) : LifeCycleTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanAdoptionTests(PodmanFixture fixture) : AdoptionTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanExitTests(PodmanFixture fixture) : ExitTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanHardeningTests(PodmanFixture fixture) : HardeningTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanNamespaceTests(PodmanFixture fixture) : NamespaceTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanLimitTests(PodmanFixture fixture) : LimitTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanIsolationTests(PodmanFixture fixture) : IsolationTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanFailureTests(PodmanFixture fixture) : FailureTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanReachTests(PodmanFixture fixture) : ReachTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanKnownImagesTests(PodmanFixture fixture) : KnownImagesTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanSpareTests(PodmanFixture fixture) : SpareTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanFlagFileTests(PodmanFixture fixture) : FlagFileTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanGroupLifeTests(PodmanFixture fixture) : GroupLifeTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanGroupRemovalTests(PodmanFixture fixture) : GroupRemovalTests(fixture);

[Collection(PodmanCollection.Name)]
[OnPodman]
public sealed class PodmanGroupAdoptionTests(PodmanFixture fixture) : GroupAdoptionTests(fixture);
