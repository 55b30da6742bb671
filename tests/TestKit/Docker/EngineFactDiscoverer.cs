using Xunit.Abstractions;
using Xunit.Sdk;

namespace Instancer.TestKit.Docker;

/// <summary>Makes the test cases of <see cref="EngineFactAttribute"/>: a test that several engines share is skipped for each by itself.</summary>
public sealed class EngineFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new EngineTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

internal sealed class EngineTestCase : XunitTestCase
{
    [Obsolete("For the test runner, which fills it in.", error: true)]
    public EngineTestCase()
    {
    }

    public EngineTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(diagnostics, display, options, method)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            return null;
        }

        return base.GetSkipReason(factAttribute) is { } asked ? asked
            : TestMethod.TestClass.Class.GetCustomAttributes(typeof(OnPodmanAttribute)).Any()
            ? PodmanService.Obstacle is { } none ? $"Needs podman: {none}." : null
            : !EngineAtHand.Answers && DockerDaemon.Obstacle is { } obstacle ? $"Needs a Docker engine: {obstacle}." : null;
    }
}
