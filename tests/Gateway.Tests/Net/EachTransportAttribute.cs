using System.Reflection;
using Instancer.Gateway.Net;
using Instancer.Gateway.Net.Linux;
using Instancer.Gateway.Net.Portable;
using Xunit.Sdk;

namespace Instancer.Gateway.Tests.Net;

/// <summary>Runs a theory on every data path that this system has; its one argument is the path's name.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EachTransportAttribute : DataAttribute
{
    public const string Portable = "portable";
    public const string Epoll = "epoll";

    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        yield return [Portable];
        if (OperatingSystem.IsLinux())
        {
            yield return [Epoll];
        }
    }

    internal static ITransport Open(string name) => name switch
    {
        Portable => new SocketTransport(TimeProvider.System),
        Epoll => new EpollTransport(TimeProvider.System),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such transport."),
    };
}
