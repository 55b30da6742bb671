namespace Instancer.Gateway.Tests.Net;

/// <summary>Tests that measure the whole process: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
