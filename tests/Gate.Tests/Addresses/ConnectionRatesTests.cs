using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Addresses;
using Instancer.Gate.Options;
using Instancer.TestKit;

namespace Instancer.Gate.Tests.Addresses;

public sealed class ConnectionRatesTests
{
    private readonly VirtualTime _time = new();
    private readonly ConnectionRates _rates;

    private RateOptions _options = new();

    public ConnectionRatesTests() => _rates = new ConnectionRates(() => _options, _time);

    [Fact]
    public void With_no_limits_everybody_enters_and_nobody_is_kept_who_has_left()
    {
        for (var i = 0; i < 1000; i++)
        {
            Assert.Null(Enter("192.0.2.1"));
        }

        Assert.Equal(1, _rates.Kept);
        for (var i = 0; i < 1000; i++)
        {
            Leave("192.0.2.1");
        }

        Assert.Equal(0, _rates.Kept);
    }

    [Fact]
    public void An_address_has_a_burst_and_then_its_rate()
    {
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 2, Burst = 5 } };
        Assert.Equal(5, EnterAll("192.0.2.1", 10));
        Assert.Equal(AddressRefusal.AddressRate, Enter("192.0.2.1"));
        Assert.Null(Enter("192.0.2.2"));
        _time.Advance(TimeSpan.FromSeconds(0.5) - TimeSpan.FromTicks(1));
        Assert.Equal(AddressRefusal.AddressRate, Enter("192.0.2.1"));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, EnterAll("192.0.2.1", 10));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(5, EnterAll("192.0.2.1", 10));
    }

    [Fact]
    public void Without_a_burst_it_is_as_many_at_one_moment_as_a_second_brings()
    {
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 3 } };
        Assert.Equal(3, EnterAll("192.0.2.1", 10));
    }

    [Fact]
    public void A_mapped_address_is_the_one_that_it_is_mapped_from()
    {
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 1 } };
        Assert.Null(Enter("192.0.2.1"));
        Assert.Equal(AddressRefusal.AddressRate, Enter("::ffff:192.0.2.1"));
    }

    [Fact]
    public void An_address_has_so_many_open_at_once()
    {
        _options = new RateOptions { PerAddress = new RateLimits { AtOnce = 2 } };
        Assert.Equal(2, EnterAll("192.0.2.1", 3));
        Assert.Equal(AddressRefusal.AddressAtOnce, Enter("192.0.2.1"));
        Leave("192.0.2.1");
        Assert.Null(Enter("192.0.2.1"));
    }

    [Theory]
    [InlineData("192.0.2.{0}", 24, 64)]
    [InlineData("2001:db8::{0}", 32, 64)]
    [InlineData("2001:db8:{0}::1", 32, 32)]
    public void The_addresses_of_a_block_are_limited_together(string addresses, int prefixOfIPv4, int prefixOfIPv6)
    {
        _options = new RateOptions { PerBlock = new RateLimits { PerSecond = 3 }, IPv4Prefix = prefixOfIPv4, IPv6Prefix = prefixOfIPv6 };
        Assert.Equal(3, Enumerable.Range(1, 10).Count(i => Enter(string.Format(null, addresses, i)) is null));
        Assert.Equal(AddressRefusal.BlockRate, Enter(string.Format(null, addresses, 11)));
        _options = new RateOptions { PerBlock = new RateLimits { AtOnce = 3 }, IPv4Prefix = prefixOfIPv4, IPv6Prefix = prefixOfIPv6 };
        Assert.Equal(AddressRefusal.BlockAtOnce, Enter(string.Format(null, addresses, 12)));
        Assert.Null(Enter("198.51.100.1"));
    }

    [Fact]
    public void Who_is_refused_by_one_limit_takes_nothing_of_another()
    {
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 1 }, PerBlock = new RateLimits { PerSecond = 2 }, IPv4Prefix = 24 };
        Assert.Null(Enter("192.0.2.1"));
        Assert.Equal(0, EnterAll("192.0.2.1", 10));
        Assert.Null(Enter("192.0.2.2"));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(AddressRefusal.BlockRate, Enter("192.0.2.3"));
        }

        _options = _options with { PerBlock = new RateLimits() };
        Assert.Null(Enter("192.0.2.3"));
    }

    [Fact]
    public void New_limits_count_for_those_who_are_connected()
    {
        Assert.Equal(3, EnterAll("192.0.2.1", 3));
        _options = new RateOptions { PerAddress = new RateLimits { AtOnce = 3 } };
        Assert.Equal(AddressRefusal.AddressAtOnce, Enter("192.0.2.1"));
        _options = new RateOptions { PerAddress = new RateLimits { AtOnce = 4 } };
        Assert.Null(Enter("192.0.2.1"));
        _options = new RateOptions { PerBlock = new RateLimits { AtOnce = 5 }, IPv4Prefix = 16 };
        Assert.Null(Enter("192.0.3.1"));
        Assert.Equal(AddressRefusal.BlockAtOnce, Enter("192.0.4.1"));
        Leave("192.0.2.1");
        Assert.Null(Enter("192.0.4.1"));
        foreach (var address in new[] { "192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.3.1", "192.0.4.1" })
        {
            Leave(address);
        }

        Assert.Equal(0, _rates.Kept);
    }

    [Fact]
    public void A_bucket_that_was_emptier_than_the_new_one_can_be_is_empty()
    {
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 1, Burst = 100 } };
        Assert.Equal(100, EnterAll("192.0.2.1", 200));
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 10 } };
        Assert.Equal(0, EnterAll("192.0.2.1", 10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(10, EnterAll("192.0.2.1", 20));
    }

    [Fact]
    public void However_many_come_what_is_kept_is_bounded_and_nothing_is_kept_when_the_buckets_are_full_again()
    {
        _options = new RateOptions { PerAddress = new RateLimits { PerSecond = 1, AtOnce = 1 } };
        Assert.Null(Enter("192.0.2.1"));
        for (var i = 0u; i < 3 * RateTable.MostIdle; i++)
        {
            var address = AddressNumber.FirstIPv4 + 0x0a000000 + i;
            Assert.Null(_rates.TryEnter(address));
            _rates.Leave(address);
        }

        Assert.Equal(RateTable.MostIdle + 1, _rates.Kept);
        _rates.Sweep();
        Assert.Equal(RateTable.MostIdle + 1, _rates.Kept);

        // The one that left last is still known, and so is the one that has a connection open.
        Assert.Equal(AddressRefusal.AddressRate, _rates.TryEnter(AddressNumber.FirstIPv4 + 0x0a000000 + (3 * RateTable.MostIdle) - 1));
        Assert.Equal(AddressRefusal.AddressAtOnce, Enter("192.0.2.1"));
        Assert.Null(_rates.TryEnter(AddressNumber.FirstIPv4 + 0x0a000000));
        _rates.Leave(AddressNumber.FirstIPv4 + 0x0a000000);
        _time.Advance(TimeSpan.FromSeconds(1));
        _rates.Sweep();
        Assert.Equal(1, _rates.Kept);
        Leave("192.0.2.1");
        Assert.Equal(0, _rates.Kept);
    }

    [Fact]
    public void In_the_long_run_nobody_exceeds_the_rate_and_whoever_keeps_to_it_is_never_refused() => Prop.ForAll(
        Gen.Choose(1, 50).ToArbitrary(), Gen.Choose(1, 20).ToArbitrary(), Gen.ArrayOf(Gen.Choose(0, 300), 200).ToArbitrary(), (perSecond, burst, gaps) =>
        {
            var time = new VirtualTime();
            var rates = new ConnectionRates(() => new RateOptions { PerAddress = new RateLimits { PerSecond = perSecond, Burst = burst } }, time);
            var interval = TimeSpan.FromTicks(TimeSpan.TicksPerSecond / perSecond);
            var entered = new List<TimeSpan>();
            var now = TimeSpan.Zero;
            foreach (var gap in gaps)
            {
                time.Advance(TimeSpan.FromMilliseconds(gap));
                now += TimeSpan.FromMilliseconds(gap);
                // A bucket by its definition: refused only if in some span that ends now there were as many as the burst and what came meanwhile.
                var isFull = Enumerable.Range(0, entered.Count).Any(i => entered.Count - i + 1 > burst + ((now - entered[i]) / interval) + 1e-9);
                if (rates.TryEnter(1) is null == isFull)
                {
                    return false;
                }

                if (!isFull)
                {
                    entered.Add(now);
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    private static UInt128 Number(string address) => AddressNumber.Of(IPAddress.Parse(address));

    private AddressRefusal? Enter(string address) => _rates.TryEnter(Number(address));

    private int EnterAll(string address, int times) => Enumerable.Range(0, times).Count(_ => Enter(address) is null);

    private void Leave(string address) => _rates.Leave(Number(address));
}
