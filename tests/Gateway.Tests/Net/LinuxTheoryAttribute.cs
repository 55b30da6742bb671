namespace Instancer.Gateway.Tests.Net;

/// <summary>A theory that looks into /proc.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Looks into /proc, which Linux alone has.";
}
