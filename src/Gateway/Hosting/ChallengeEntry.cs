using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.Gateway.Entry;
using Instancer.Gateway.Net;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>What stands in front of one challenge: its addresses, their rates, and the proof of work that they are asked.</summary>
internal sealed class ChallengeEntry : IEntryWatch, IDisposable
{
    private readonly Func<GateOptions> _options;
    private readonly AddressGate _addresses;
    private readonly AttackMeter _attacks;
    private readonly WorkDialogue _dialogue;

    /// <param name="options">The challenge's options as they are now.</param>
    /// <param name="bans">The node's bans.</param>
    /// <param name="dialogue">Asks for proofs of work.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where it logs.</param>
    public ChallengeEntry(Func<GateOptions> options, BanList bans, WorkDialogue dialogue, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _dialogue) = (options, dialogue);
        var logger = loggers.CreateLogger("Instancer.Gate");
        _addresses = new AddressGate(options, bans, time, logger);
        _attacks = new AttackMeter(() => options().Work, time, logger);
        Parts = new EntryParts(options) { Admit = Admit, Work = Work, Watch = this };
    }

    /// <summary>What a connection passes.</summary>
    public EntryParts Parts { get; }

    /// <summary>How many connections were turned away for a reason.</summary>
    public long Refused(AddressRefusal refusal) => _addresses.Refused(refusal);

    /// <inheritdoc/>
    public void OnFailedPreamble(IPAddress address)
    {
        _addresses.NoteFailure(address);
        _attacks.Count(BlockOf(address));
    }

    /// <inheritdoc/>
    public void OnStart(IPAddress address) => _attacks.Count(BlockOf(address));

    /// <inheritdoc/>
    public void Dispose() => _addresses.Dispose();

    private Admission Admit(IPEndPoint source)
    {
        var (permit, refusal) = _addresses.Admit(source.Address);
        return new Admission(refusal is null, permit);
    }

    private Func<IExactSocket, CancellationToken, ValueTask<WorkOutcome>>? Work(IPEndPoint source)
    {
        var work = _options().Work;
        return work.IsOn && _attacks.Difficulty(BlockOf(source.Address)) is > 0 and var difficulty
            ? Asking(difficulty, work.Timeout)
            : null;
    }

    // Apart, so that who is asked nothing costs nothing.
    private Func<IExactSocket, CancellationToken, ValueTask<WorkOutcome>> Asking(int difficulty, TimeSpan timeout) =>
        (socket, cancellationToken) => new ValueTask<WorkOutcome>(_dialogue.AskAsync(socket, difficulty, timeout, cancellationToken));

    private IPNetwork BlockOf(IPAddress address)
    {
        var rates = _options().Rates;
        return AddressBlock.Around(AddressNumber.Of(address), rates.IPv4Prefix, rates.IPv6Prefix).ToNetwork();
    }
}
