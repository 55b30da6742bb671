using System.Globalization;
using Instancer.Bench.Net;

namespace Instancer.Bench.Gate;

/// <summary>Who floods.</summary>
/// <param name="Slow">Strangers that send one byte a second.</param>
/// <param name="Silent">Strangers that send nothing.</param>
/// <param name="Garbage">Strangers that send as many bytes as a preamble has, none of them a token's.</param>
/// <param name="GarbageRate">How many of the last do so in a second, all together.</param>
/// <param name="Sources">How many addresses they come from.</param>
internal sealed record FloodOptions(int Slow, int Silent, int Garbage, int GarbageRate, int Sources)
{
    public int Total => Slow + Silent + Garbage;

    public static FloodOptions From(Arguments arguments) => new(
        arguments.Number("slow", 5000),
        arguments.Number("silent", 5000),
        arguments.Number("garbage", 5000),
        arguments.Number("garbage-rate", 500),
        arguments.Number("sources", 3000));

    /// <summary>The arguments of the process that does it.</summary>
    /// <param name="port">The gateway's port on 127.0.0.1.</param>
    public string[] ToArguments(int port) =>
    [
        "--port", Text(port), "--slow", Text(Slow), "--silent", Text(Silent), "--garbage", Text(Garbage), "--garbage-rate", Text(GarbageRate),
        "--sources", Text(Sources),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
