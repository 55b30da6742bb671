using System.Net;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.TestKit;

namespace Instancer.Gate.Tests.Addresses;

public sealed class BanListTests : IDisposable
{
    private static readonly IPAddress Ann = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Bob = IPAddress.Parse("192.0.2.2");

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-bans-");
    private readonly RecordingLogger _log = new();
    private readonly VirtualTime _time = new();
    private readonly BanList _bans;

    private BanOptions _options = new() { Failures = 3, Window = TimeSpan.FromMinutes(1), Duration = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromMinutes(10) };

    public BanListTests() => _bans = Open();

    private string FilePath => Path.Combine(_directory.FullName, "state", "bans.json");

    public void Dispose()
    {
        _log.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public void Too_many_failures_ban_an_address_for_a_while()
    {
        Fail(Ann, 2);
        Assert.False(_bans.IsBanned(Ann));
        Fail(Ann, 1);
        Assert.True(_bans.IsBanned(Ann));
        Assert.True(_bans.IsBanned(Ann.MapToIPv6()));
        Assert.False(_bans.IsBanned(Bob));
        var ban = Assert.Single(_bans.List());
        Assert.Equal(new Ban(Block("192.0.2.1"), BanCause.Failures, _time.GetUtcNow(), _time.GetUtcNow() + TimeSpan.FromMinutes(1)) { Times = 1 }, ban);
        Assert.Equal("192.0.2.1 is banned for 00:01:00 after 3 failed preambles; it is ban number 1 that is remembered of it.", Assert.Single(_log.Of(6110)).Text);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(_bans.IsBanned(Ann));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_bans.IsBanned(Ann));
        Assert.Empty(_bans.List());
    }

    [Fact]
    public void Failures_further_apart_than_the_window_ban_nobody()
    {
        for (var i = 0; i < 20; i++)
        {
            Fail(Ann, 1);
            _time.Advance(TimeSpan.FromSeconds(35));
        }

        Assert.False(_bans.IsBanned(Ann));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void By_default_nobody_is_banned_and_nothing_is_kept()
    {
        _options = new BanOptions();
        Fail(Ann, 1000);
        Assert.False(_bans.IsBanned(Ann));
        var byFailures = new FailureBans(() => _options, _time, _log);
        byFailures.NoteFailure(AddressNumber.Of(Ann));
        Assert.Equal(0, byFailures.Kept);
    }

    [Fact]
    public void Of_IPv6_it_is_the_network_of_64_bits_that_is_banned()
    {
        Fail(IPAddress.Parse("2001:db8::1"), 1);
        Fail(IPAddress.Parse("2001:db8::2"), 1);
        Fail(IPAddress.Parse("2001:db8::ffff:3"), 1);
        Assert.True(_bans.IsBanned(IPAddress.Parse("2001:db8::4")));
        Assert.False(_bans.IsBanned(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Equal("2001:db8::/64", Assert.Single(_bans.List()).Block.ToString());
    }

    [Fact]
    public void Each_ban_is_twice_as_long_as_the_one_before_up_to_the_longest()
    {
        foreach (var minutes in new[] { 1, 2, 4, 8, 10, 10 })
        {
            Fail(Ann, 3);
            _time.Advance(TimeSpan.FromMinutes(minutes) - TimeSpan.FromTicks(1));
            Assert.True(_bans.IsBanned(Ann), $"{minutes} minutes");
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.False(_bans.IsBanned(Ann), $"{minutes} minutes");
        }
    }

    [Fact]
    public void A_ban_is_remembered_for_as_long_as_the_longest_lasts_and_then_nothing_is_kept()
    {
        var bans = new FailureBans(() => _options, _time, _log);
        Fail();
        _time.Advance(TimeSpan.FromMinutes(1) + _options.Longest - TimeSpan.FromTicks(1));
        Assert.Equal(1, bans.Kept);
        Fail();
        Assert.Equal(2, Assert.Single(bans.List()).Times);
        _time.Advance(TimeSpan.FromMinutes(2) + _options.Longest);
        Assert.Equal(0, bans.Kept);
        Fail();
        Assert.Equal(1, Assert.Single(bans.List()).Times);

        void Fail()
        {
            for (var i = 0; i < 3; i++)
            {
                bans.NoteFailure(AddressNumber.Of(Ann));
            }
        }
    }

    [Fact]
    public void Failures_of_connections_that_were_open_when_the_ban_began_do_not_count()
    {
        Fail(Ann, 30);
        Assert.Equal(1, Assert.Single(_bans.List()).Times);
        _time.Advance(TimeSpan.FromMinutes(1));
        Fail(Ann, 2);
        Assert.False(_bans.IsBanned(Ann));
    }

    [Fact]
    public void A_step_of_the_wall_clock_ends_no_ban_by_itself()
    {
        Fail(Ann, 3);
        _time.StepWallClock(TimeSpan.FromDays(1));
        Assert.True(_bans.IsBanned(Ann));
        _time.StepWallClock(TimeSpan.FromDays(-2));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_bans.IsBanned(Ann));
    }

    [Fact]
    public void New_options_count_from_the_next_failure_on()
    {
        Fail(Ann, 2);
        _options = _options with { Failures = 10 };
        Fail(Ann, 7);
        Assert.False(_bans.IsBanned(Ann));
        Fail(Ann, 1);
        Assert.True(_bans.IsBanned(Ann));
    }

    [Fact]
    public void However_many_fail_what_is_kept_is_bounded_and_those_who_are_banned_stay_so()
    {
        var bans = new FailureBans(() => _options, _time, _log);
        var ann = AddressNumber.Of(Ann);
        bans.NoteFailure(ann);
        bans.NoteFailure(ann);
        bans.NoteFailure(ann);
        for (var i = 0u; i < 2 * FailureBans.MostSuspects; i++)
        {
            bans.NoteFailure(AddressNumber.FirstIPv4 + 0x0a000000 + i);
        }

        Assert.True(bans.IsBanned(ann));
        Assert.Equal(FailureBans.MostSuspects + 1, bans.Kept);

        // The one that failed longest ago is forgotten, the one that failed last is not.
        bans.NoteFailure(AddressNumber.FirstIPv4 + 0x0a000000);
        bans.NoteFailure(AddressNumber.FirstIPv4 + 0x0a000000);
        Assert.False(bans.IsBanned(AddressNumber.FirstIPv4 + 0x0a000000));
        var last = AddressNumber.FirstIPv4 + 0x0a000000 + (2 * FailureBans.MostSuspects) - 1;
        bans.NoteFailure(last);
        bans.NoteFailure(last);
        Assert.True(bans.IsBanned(last));
        _time.Advance(_options.Window * 2);
        Assert.Equal(2, bans.Kept);
    }

    [Fact]
    public void However_many_are_banned_what_is_kept_is_bounded_and_the_oldest_ban_goes_first()
    {
        _options = _options with { Failures = 1 };
        var bans = new FailureBans(() => _options, _time, _log);
        for (var i = 0u; i <= FailureBans.MostOffenders; i++)
        {
            bans.NoteFailure(AddressNumber.FirstIPv4 + i);
        }

        Assert.Equal(FailureBans.MostOffenders, bans.Kept);
        Assert.False(bans.IsBanned(AddressNumber.FirstIPv4));
        Assert.True(bans.IsBanned(AddressNumber.FirstIPv4 + 1) && bans.IsBanned(AddressNumber.FirstIPv4 + FailureBans.MostOffenders));
    }

    [Fact]
    public void A_block_is_banned_by_hand_for_a_while_or_for_good()
    {
        _bans.Add(Block("192.0.2.0/31"), TimeSpan.FromHours(1), "scans");
        _bans.Add(Block("2001:db8::/32"), null, null);
        Assert.True(_bans.IsBanned(Ann) && _bans.IsBanned(IPAddress.Parse("2001:db8:1::1")));
        Assert.False(_bans.IsBanned(Bob));
        Assert.Equal(
            [
                new Ban(Block("192.0.2.0/31"), BanCause.Hand, _time.GetUtcNow(), _time.GetUtcNow() + TimeSpan.FromHours(1)) { Reason = "scans" },
                new Ban(Block("2001:db8::/32"), BanCause.Hand, _time.GetUtcNow(), null),
            ],
            _bans.List());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(_bans.IsBanned(Ann));
        Assert.Equal("2001:db8::/32", Assert.Single(_bans.List()).Block.ToString());
        _time.Advance(TimeSpan.FromDays(1000));
        Assert.True(_bans.IsBanned(IPAddress.Parse("2001:db8:1::1")));
    }

    [Fact]
    public void A_ban_by_hand_takes_the_place_of_the_one_that_the_block_has()
    {
        _bans.Add(Block("192.0.2.1"), null, "first");
        _bans.Add(Block("192.0.2.1"), TimeSpan.FromHours(1), "second");
        Assert.Equal("second", Assert.Single(_bans.List()).Reason);
    }

    [Fact]
    public void Bans_of_both_kinds_are_lifted_and_forgotten()
    {
        Fail(Ann, 3);
        _bans.Add(Block("192.0.2.1"), null, null);
        Assert.Equal([BanCause.Failures, BanCause.Hand], _bans.List().Select(ban => ban.Cause));
        Assert.False(_bans.Remove(Block("192.0.2.0/24")));
        Assert.True(_bans.IsBanned(Ann));
        Assert.True(_bans.Remove(Block("192.0.2.1")));
        Assert.False(_bans.IsBanned(Ann));
        Assert.Empty(_bans.List());
        Assert.False(_bans.Remove(Block("192.0.2.1")));
        Fail(Ann, 3);
        Assert.Equal(1, Assert.Single(_bans.List()).Times);
    }

    private static AddressBlock Block(string text) => AddressBlock.Parse(text).Block!.Value;

    private BanList Open() => BanList.Open(FilePath, () => _options, _time, _log);

    private void Fail(IPAddress address, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _bans.NoteFailure(address);
        }
    }
}
