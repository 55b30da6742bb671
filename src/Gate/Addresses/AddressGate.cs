using System.Net;
using Instancer.Gate.Options;
using Microsoft.Extensions.Logging;

namespace Instancer.Gate.Addresses;

/// <summary>Who may connect to one challenge now, by address: its lists first, then the node's bans, then its rates. Thread-safe; nothing waits.</summary>
internal sealed class AddressGate : IDisposable
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(10);

    private readonly long[] _refused = new long[Enum.GetValues<AddressRefusal>().Length];
    private readonly BanList _bans;
    private readonly AddressLists _lists;
    private readonly ConnectionRates _rates;
    private readonly ITimer _sweeping;

    /// <param name="options">The challenge's options; asked anew each time.</param>
    /// <param name="bans">The node's bans.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where the files' faults are logged.</param>
    public AddressGate(Func<GateOptions> options, BanList bans, TimeProvider time, ILogger logger)
    {
        _bans = bans;
        _lists = new AddressLists(() => options().Addresses, time, logger);
        _rates = new ConnectionRates(() => options().Rates, time);
        _sweeping = time.CreateTimer(_ => _rates.Sweep(), null, SweepInterval, SweepInterval);
    }

    /// <summary>How many addresses and blocks something is kept of: those with a connection open and those whose buckets are not full again.</summary>
    public int Kept => _rates.Kept;

    /// <summary>Lets an address in, and holds a place for it until the permit is disposed; or says why not.</summary>
    public (AddressPermit? Permit, AddressRefusal? Refusal) Admit(IPAddress address)
    {
        var number = AddressNumber.Of(address);
        if ((_lists.Refuse(number) ?? (_bans.IsBanned(number) ? AddressRefusal.Banned : _rates.TryEnter(number))) is not { } refusal)
        {
            return (new AddressPermit(_rates, number), null);
        }

        Interlocked.Increment(ref _refused[(int)refusal]);
        return (null, refusal);
    }

    /// <summary>Counts a failed preamble, which may lead to a ban.</summary>
    public void NoteFailure(IPAddress address) => _bans.NoteFailure(address);

    /// <summary>How many were refused for a reason.</summary>
    public long Refused(AddressRefusal refusal) => Interlocked.Read(ref _refused[(int)refusal]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _sweeping.Dispose();
        _lists.Dispose();
    }
}

/// <summary>A connection's place. To be disposed when the connection is over; a second time does nothing.</summary>
internal sealed class AddressPermit : IDisposable
{
    private readonly UInt128 _address;
    private ConnectionRates? _rates;

    /// <param name="rates">Where the place is.</param>
    /// <param name="address">Whose it is.</param>
    public AddressPermit(ConnectionRates rates, UInt128 address) => (_rates, _address) = (rates, address);

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _rates, null)?.Leave(_address);
}
