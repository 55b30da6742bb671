using System.Net;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>What stands in front of one challenge. Options and delegates are asked anew for each connection, from any thread.</summary>
/// <param name="Options">The options as they are now.</param>
internal sealed record EntryParts(Func<GateOptions> Options)
{
    /// <summary>Whether a client may connect now; what it is given is its place, until its connection is over. Default: everybody may.</summary>
    public Func<IPEndPoint, Admission> Admit { get; init; } = _ => new Admission(IsAdmitted: true, Permit: null);

    /// <summary>What a client has to do before its preamble; null for nothing, and so is the answer for a client of whom nothing is asked. Default: null.</summary>
    public Func<IPEndPoint, Func<IExactSocket, CancellationToken, ValueTask<WorkOutcome>>?>? Work { get; init; }

    /// <summary>Hears of failed preambles and starts; null for nobody. Default: null.</summary>
    public IEntryWatch? Watch { get; init; }
}

/// <summary>Whether somebody may connect.</summary>
/// <param name="IsAdmitted">Whether it may.</param>
/// <param name="Permit">Its place: disposed once, when the connection is over; null if there is nothing to give back.</param>
internal readonly record struct Admission(bool IsAdmitted, IDisposable? Permit);
