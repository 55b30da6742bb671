using Instancer.Bench.Net;

namespace Instancer.Bench.Gate;

/// <summary>The whole product, built or published before, with room for strangers.</summary>
/// <param name="name">The name in the table.</param>
/// <param name="executable">Its file.</param>
internal sealed class GateNode(string name, string executable) : NodeContender
{
    public override string Name => name;

    /// <summary>How many files it has open.</summary>
    public int OpenFiles => Child!.OpenFiles();

    /// <summary>How many files it may have open.</summary>
    public int OpenFileLimit => Child!.OpenFileLimit();

    protected override int MaxConnections => 20_000;

    protected override string Executable => executable;

    public static GateNode Start(string name, string executable) => (GateNode)new GateNode(name, executable).Start(0, 0);
}
