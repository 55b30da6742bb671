using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Instancer.TestKit.Cluster;

/// <summary>A test that needs etcd, unless its class is <see cref="OnModelAttribute"/>: skipped, with the reason, where there is none; in CI it fails instead.</summary>
[XunitTestCaseDiscoverer("Instancer.TestKit.Cluster.EtcdFactDiscoverer", "Instancer.TestKit")]
public sealed class EtcdFactAttribute : FactAttribute;

/// <summary>The store's tests of this class run on the model of it.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnModelAttribute : Attribute;

/// <summary>Makes the test cases of <see cref="EtcdFactAttribute"/>: a test that both stores share is skipped for each by itself.</summary>
public sealed class EtcdFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new EtcdTestCase(DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

internal sealed class EtcdTestCase : XunitTestCase
{
    [Obsolete("For the test runner, which fills it in.", error: true)]
    public EtcdTestCase()
    {
    }

    public EtcdTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(diagnostics, display, options, method)
    {
    }

    protected override string? GetSkipReason(IAttributeInfo factAttribute) =>
        base.GetSkipReason(factAttribute) is { } asked ? asked
        : Environment.GetEnvironmentVariable("CI") == "true" || TestMethod.TestClass.Class.GetCustomAttributes(typeof(OnModelAttribute)).Any() ? null
        : EtcdCluster.Obstacle is { } obstacle ? $"Needs etcd: {obstacle}." : null;
}
