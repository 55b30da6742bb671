using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gate.Tests.Addresses;

public sealed class AddressGateTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-gate-");
    private readonly RecordingLogger _log = new();
    private readonly VirtualTime _time = new();
    private readonly BanList _bans;
    private readonly AddressGate _gate;

    private GateOptions _options = GateOptions.Open;

    public AddressGateTests()
    {
        _bans = BanList.Open(PathOf("bans.json"), () => new BanOptions { Failures = 2 }, _time, NullLogger.Instance);
        _gate = new AddressGate(() => _options, _bans, _time, _log);
    }

    public void Dispose()
    {
        _gate.Dispose();
        _log.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void With_everything_off_everybody_is_admitted()
    {
        var (permit, refusal) = _gate.Admit(IPAddress.Loopback);
        Assert.NotNull(permit);
        Assert.Null(refusal);
        Assert.All(Enum.GetValues<AddressRefusal>(), reason => Assert.Equal(0, _gate.Refused(reason)));
        permit.Dispose();
        Assert.Equal(0, _gate.Kept);
    }

    [Fact]
    public void The_lists_come_first_then_the_bans_then_the_rates_and_each_refusal_is_counted()
    {
        _options = new GateOptions
        {
            Addresses = new AddressOptions { Allow = [IPNetwork.Parse("10.0.0.0/8")], Deny = [IPNetwork.Parse("10.1.0.0/16")] },
            Rates = new RateOptions { PerAddress = new RateLimits { AtOnce = 1 } },
        };
        _bans.Add(Block("10.1.0.0/16"), null, null);
        _bans.Add(Block("10.2.0.0/16"), null, null);
        _bans.Add(Block("192.0.2.0/24"), null, null);
        Assert.Equal(AddressRefusal.Denied, Admit("10.1.0.1"));
        Assert.Equal(AddressRefusal.NotAllowed, Admit("192.0.2.1"));
        Assert.Equal(AddressRefusal.NotAllowed, Admit("2001:db8::1"));
        Assert.Equal(AddressRefusal.Banned, Admit("10.2.0.1"));
        Assert.Null(Admit("::ffff:10.3.0.1"));
        Assert.Equal(AddressRefusal.AddressAtOnce, Admit("10.3.0.1"));
        Assert.Equal(
            [(AddressRefusal.Denied, 1), (AddressRefusal.NotAllowed, 2), (AddressRefusal.Banned, 1), (AddressRefusal.AddressAtOnce, 1)],
            Enum.GetValues<AddressRefusal>().Where(reason => _gate.Refused(reason) > 0).Select(reason => (reason, _gate.Refused(reason))));
    }

    [Fact]
    public void A_place_is_given_back_once()
    {
        _options = new GateOptions { Rates = new RateOptions { PerAddress = new RateLimits { AtOnce = 2 } } };
        var first = _gate.Admit(IPAddress.Loopback).Permit!;
        Assert.Null(Admit("127.0.0.1"));
        Assert.Equal(AddressRefusal.AddressAtOnce, Admit("127.0.0.1"));
        first.Dispose();
        first.Dispose();
        Assert.Null(Admit("127.0.0.1"));
        Assert.Equal(AddressRefusal.AddressAtOnce, Admit("127.0.0.1"));
    }

    [Fact]
    public void Failed_preambles_ban_from_all_gates_of_the_node()
    {
        using var other = new AddressGate(() => _options, _bans, _time, _log);
        _gate.NoteFailure(IPAddress.Parse("192.0.2.1"));
        other.NoteFailure(IPAddress.Parse("192.0.2.1"));
        Assert.Equal(AddressRefusal.Banned, Admit("192.0.2.1"));
        Assert.Equal(AddressRefusal.Banned, other.Admit(IPAddress.Parse("192.0.2.1")).Refusal);
        Assert.Null(Admit("192.0.2.2"));
    }

    [Fact]
    public void An_allow_file_that_is_missing_lets_in_only_whom_the_options_allow_and_a_deny_file_denies_nobody()
    {
        _options = Lists(new AddressOptions { AllowFile = PathOf("allow"), DenyFile = PathOf("deny") });
        Assert.Equal(AddressRefusal.NotAllowed, Admit("192.0.2.1"));
        _options = Lists(_options.Addresses with { Allow = [IPNetwork.Parse("192.0.2.0/24")] });
        Assert.Null(Admit("192.0.2.1"));
        Assert.Equal(AddressRefusal.NotAllowed, Admit("10.0.0.1"));
        File.WriteAllText(PathOf("allow"), "10.0.0.0/8\n");
        File.WriteAllText(PathOf("deny"), "192.0.2.1\n");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(Admit("10.0.0.1"));
        Assert.Equal(AddressRefusal.Denied, Admit("192.0.2.1"));
        Assert.Equal(2, _log.Of(6102).Count);
    }

    [Fact]
    public void Files_that_the_options_name_no_more_are_let_go_and_others_opened()
    {
        File.WriteAllText(PathOf("one"), "10.0.0.0/8\n");
        File.WriteAllText(PathOf("two"), "192.0.2.0/24\n");
        _options = Lists(new AddressOptions { DenyFile = PathOf("one") });
        Assert.Equal(AddressRefusal.Denied, Admit("10.0.0.1"));
        _options = Lists(new AddressOptions { DenyFile = PathOf("two") });
        Assert.Null(Admit("10.0.0.1"));
        Assert.Equal(AddressRefusal.Denied, Admit("192.0.2.1"));
        File.Delete(PathOf("one"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_log.Of(6102));
        _options = GateOptions.Open;
        Assert.Null(Admit("192.0.2.1"));
    }

    [Fact]
    public void Of_an_address_that_has_left_only_the_bucket_is_kept_and_that_until_it_is_full()
    {
        _options = new GateOptions { Rates = new RateOptions { PerAddress = new RateLimits { PerSecond = 1, Burst = 20 } } };
        for (var i = 0; i < 15; i++)
        {
            _gate.Admit(IPAddress.Loopback).Permit!.Dispose();
        }

        Assert.Equal(1, _gate.Kept);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(1, _gate.Kept);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, _gate.Kept);
    }

    [Fact]
    public async Task From_many_threads_no_more_are_in_at_once_than_may_and_in_the_end_nobody_is()
    {
        const int atOnce = 3;
        _options = new GateOptions { Rates = new RateOptions { PerAddress = new RateLimits { AtOnce = atOnce } } };
        var (inside, most, admitted) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (_gate.Admit(IPAddress.Loopback).Permit is not { } permit)
                {
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                Interlocked.Increment(ref admitted);
                Interlocked.Decrement(ref inside);
                permit.Dispose();
            }
        })));
        Assert.InRange(most, 1, atOnce);
        Assert.Equal(160_000, admitted + _gate.Refused(AddressRefusal.AddressAtOnce));
        Assert.Equal(0, _gate.Kept);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            seen = before == seen ? value : before;
        }
    }

    private static AddressBlock Block(string text) => AddressBlock.Parse(text).Block!.Value;

    private static GateOptions Lists(AddressOptions addresses) => new() { Addresses = addresses };

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private AddressRefusal? Admit(string address) => _gate.Admit(IPAddress.Parse(address)).Refusal;
}
