using System.Globalization;

namespace Instancer.Bench.Net;

/// <summary>One way from the load to the backend. A new way, such as the whole product, derives from it.</summary>
internal abstract class Contender : IDisposable
{
    /// <summary>The name in the table.</summary>
    public abstract string Name { get; }

    /// <summary>The port for work.</summary>
    public int Work { get; protected set; }

    /// <summary>The port that holds connections.</summary>
    public int Hold { get; protected set; }

    /// <summary>What a client has to send first.</summary>
    public virtual byte[] Preamble => [];

    protected ChildProcess? Child { get; set; }

    /// <summary>Its resident memory in bytes; 0 if it has none.</summary>
    public virtual long ResidentBytes() => Child?.ResidentBytes() ?? 0;

    /// <summary>The CPU time it has taken; 0 if it is none.</summary>
    public virtual TimeSpan CpuTime() => Child?.CpuTime() ?? TimeSpan.Zero;

    /// <summary>Starts it before a backend.</summary>
    public abstract Contender Start(int work, int hold);

    public virtual void Dispose() => Child?.Dispose();
}

/// <summary>No proxy.</summary>
internal sealed class Direct : Contender
{
    public override string Name => "no proxy";

    public override Contender Start(int work, int hold) => new Direct { Work = work, Hold = hold };
}

/// <summary>Our relay.</summary>
internal sealed class Relay(string name, string transport, bool preamble) : Contender
{
    public override string Name => name;

    public override byte[] Preamble => preamble ? [.. LoadClient.PreambleToken, 0, 1] : [];

    public override Contender Start(int work, int hold)
    {
        var child = ChildProcess.Self(
            "net-proxy", "--transport", transport, "--preamble", preamble ? "1" : "0", "--work", Text(work), "--hold", Text(hold));
        var ports = child.ReadPorts();
        return new Relay(name, transport, preamble) { Child = child, Work = ports[0], Hold = ports[1] };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
