namespace Instancer.Gateway.Tests.Net;

/// <summary>A fact about the epoll transport's parts.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : "Needs epoll, which Linux alone has.";
}
